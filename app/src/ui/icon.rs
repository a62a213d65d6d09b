//! The icon set: strokes on a 24 by 24 grid, drawn for this product, in the colour of the text.

use leptos::prelude::*;

use super::Words;

/// The pictures there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Alert,
    Archive,
    ArrowDown,
    ArrowRight,
    ArrowUp,
    Bell,
    Building,
    Check,
    CheckCircle,
    ChevronDown,
    Circle,
    Clock,
    Close,
    CloseCircle,
    Copy,
    Download,
    File,
    Filter,
    Folder,
    Globe,
    Graph,
    Help,
    Home,
    Info,
    Key,
    Ledger,
    Link,
    Lock,
    Menu,
    Minus,
    Pause,
    Pen,
    People,
    Person,
    Photo,
    Plus,
    Print,
    Refresh,
    Search,
    Settings,
    Shield,
    SignOut,
    Trash,
    Upload,
    View,
}

impl IconName {
    /// Every icon, in the order of the alphabet; the style guide shows them.
    pub const ALL: [Self; 45] = {
        use IconName::*;
        [
            Alert,
            Archive,
            ArrowDown,
            ArrowRight,
            ArrowUp,
            Bell,
            Building,
            Check,
            CheckCircle,
            ChevronDown,
            Circle,
            Clock,
            Close,
            CloseCircle,
            Copy,
            Download,
            File,
            Filter,
            Folder,
            Globe,
            Graph,
            Help,
            Home,
            Info,
            Key,
            Ledger,
            Link,
            Lock,
            Menu,
            Minus,
            Pause,
            Pen,
            People,
            Person,
            Photo,
            Plus,
            Print,
            Refresh,
            Search,
            Settings,
            Shield,
            SignOut,
            Trash,
            Upload,
            View,
        ]
    };

    /// The path data of the strokes.
    pub fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1",
            Self::Archive => "M4 8.5v10.5h16V8.5M3 4.5h18v4H3zM9.5 12.5h5",
            Self::ArrowDown => "M12 5v14M6.5 13.5 12 19l5.5-5.5",
            Self::ArrowRight => "M5 12h14M13.5 6.5 19 12l-5.5 5.5",
            Self::ArrowUp => "M12 19V5M6.5 10.5 12 5l5.5 5.5",
            Self::Bell => "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4",
            Self::Building => {
                "M4.5 20.5V6l8-2.5v17M12.5 9l7 2v9.5M2.5 20.5h19M7.5 9h2M7.5 12.5h2M7.5 16h2M15.5 14h1M15.5 17h1"
            }
            Self::Check => "M5 12.5 10 17.5 19.5 7",
            Self::CheckCircle => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M7.8 12.4l2.9 2.9 5.5-6",
            Self::ChevronDown => "M6.5 9.5 12 15l5.5-5.5",
            Self::Circle => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5.2l3.5 2",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::CloseCircle => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9l6 6M15 9l-6 6",
            Self::Copy => "M8.5 8.5h11v12h-11zM15.5 5.5v-2h-11v12h2",
            Self::Download => "M12 4v11M7.5 11 12 15.5l4.5-4.5M4.5 19.5h15",
            Self::File => "M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5",
            Self::Filter => "M4 5.5h16l-6.3 7.3v5.7l-3.4-1.8v-3.9z",
            Self::Folder => "M3.5 18.5v-13h6l2 2.5h9v10.5z",
            Self::Globe => {
                "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3.2 12h17.6M12 3c-5 5.5-5 12.5 0 18M12 3c5 5.5 5 12.5 0 18"
            }
            Self::Graph => {
                "M12 3.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4M5.5 16.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4M18.5 16.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4M11 7.3 6.5 16.7M13 7.3l4.5 9.4"
            }
            Self::Help => {
                "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.3 9.6a2.7 2.7 0 1 1 4.2 2.2c-1 .7-1.5 1.2-1.5 2.3M12 17v.1"
            }
            Self::Home => "M4 11.5 12 4.5l8 7M6 10v9.5h12V10M10 19.5v-5h4v5",
            Self::Info => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.5M12 7.6v.1",
            Self::Key => "M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12.7 19.5 4.2M15.5 8.2l3 3M18 5.7l1.5 1.5",
            Self::Ledger => "M5.5 3.5h13v17h-13zM5.5 8h13M9.5 8v12.5M12 12h4M12 15.5h4",
            Self::Link => {
                "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1"
            }
            Self::Lock => "M5.5 11h13v9.5h-13zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11M12 14.5v2.5",
            Self::Menu => "M4 6.5h16M4 12h16M4 17.5h16",
            Self::Minus => "M6 12h12",
            Self::Pause => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M10 8.5v7M14 8.5v7",
            Self::Pen => {
                "M4.5 19.5l1-4.2L15.8 5a1.8 1.8 0 0 1 2.6 0l.6.6a1.8 1.8 0 0 1 0 2.6L8.7 18.5zM13.8 7l3.2 3.2"
            }
            Self::People => {
                "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2.5 20c0-3.6 2.9-5.5 6.5-5.5s6.5 1.9 6.5 5.5M15.5 4.8a3.5 3.5 0 0 1 0 6.4M17.5 15c2.5.6 4 2.3 4 5"
            }
            Self::Person => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20.5c0-4 3.3-6 7.5-6s7.5 2 7.5 6",
            Self::Photo => "M3.5 7.5h4l1.5-2.5h6l1.5 2.5h4v12h-17zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Print => "M7 8.5V3.5h10v5M7 17H3.5V8.5h17V17H17M7 14h10v6.5H7z",
            Self::Refresh => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5",
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.3 15.3l5 5",
            Self::Settings => {
                "M4 7h9M17.5 7H20M4 17h2.5M11 17h9M15.2 4.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4M8.8 14.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4"
            }
            Self::Shield => {
                "M12 3.5l7.5 2.5v5.5c0 4.5-3 7.5-7.5 9-4.5-1.5-7.5-4.5-7.5-9V6zM8.5 12l2.5 2.5 4.5-5"
            }
            Self::SignOut => "M14 4.5H5v15h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5",
            Self::Trash => "M4 6.5h16M9 6.5v-3h6v3M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6",
            Self::Upload => "M12 15.5V4.5M7.5 8.5 12 4l4.5 4.5M4.5 19.5h15",
            Self::View => {
                "M2.5 12C5 7.5 8.2 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.7 6.5-9.5 6.5S5 16.5 2.5 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6"
            }
        }
    }
}

/// An icon. Without a label it is decoration and unsaid.
#[component]
pub fn Icon(
    /// Which picture.
    name: IconName,
    /// What it says when it stands alone.
    #[prop(optional, into)]
    label: Words,
) -> impl IntoView {
    let said = label.is_some();
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden=(!said).then_some("true") role=said.then_some("img") aria-label=label.get()>
            <path d=name.path() />
        </svg>
    }
}
