//! Handing a folder in: pieces that break off, folders dropped twice, archives with names in GBK and with traps, questions
//! that a person answers, and what is remembered of the answers.

use backend::{
    Cx, Error, args, filing, finding,
    intake::{self, Announced, Began, IntakeView, Receiving, Reply, job},
};
use domain::{
    id::{FilingId, IntakeId},
    intake::State,
};
use futures::stream;
use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::{
    World,
    cast::{Cast, opened, pdf, said},
    on_both,
};

fn announced(path: &str, bytes: &[u8]) -> Announced {
    Announced { path: path.into(), size: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
}

async fn announce(cx: &Cx, id: FilingId, path: &str, bytes: &[u8]) -> Reply {
    intake::announce(cx, id, &[announced(path, bytes)], cx.now()).await.unwrap().remove(0)
}

/// Announces one file whose bytes are wanted from the beginning.
async fn wanted(cx: &Cx, id: FilingId, path: &str, bytes: &[u8]) -> IntakeId {
    match announce(cx, id, path, bytes).await {
        Reply::Send { file, offset: 0 } => file,
        other => panic!("{path}: {other:?}"),
    }
}

/// Sends one piece; answers how many bytes are there, and whether they are all.
async fn piece(cx: &Cx, id: FilingId, file: IntakeId, offset: u64, bytes: &[u8]) -> (u64, bool) {
    match Receiving::begin(cx, id, file, offset).await.unwrap() {
        Began::Ready(mut receiving) => {
            receiving.write(bytes).await.unwrap();
            receiving.finish().await.unwrap()
        }
        other => panic!("{other:?}"),
    }
}

/// Hands one file in and lets the platform look at it.
async fn handed_in(cx: &Cx, id: FilingId, path: &str, bytes: &[u8]) -> IntakeView {
    let file = wanted(cx, id, path, bytes).await;
    assert_eq!(piece(cx, id, file, 0, bytes).await, (bytes.len() as u64, true));
    job::work(cx).await.unwrap();
    seen(cx, id, path).await
}

async fn seen(cx: &Cx, id: FilingId, path: &str) -> IntakeView {
    let files = intake::list(cx, id).await.unwrap();
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path} in {files:#?}")).clone()
}

/// File names in a slot.
async fn in_slot(cx: &Cx, id: FilingId, slot: &str) -> Vec<String> {
    let shown = filing::workspace(cx, id).await.unwrap();
    let slot = shown.slots.into_iter().find(|found| found.id.as_str() == slot).unwrap();
    slot.documents.into_iter().map(|document| document.file_name).collect()
}

fn waiting(world: &World) -> usize {
    std::fs::read_dir(world.folder.path().join("intake")).unwrap().count()
}

fn problem(file: &IntakeView) -> &str {
    file.verdict.problem.as_ref().map_or("", |problem| problem.zh.as_str())
}

/// The rules by which something was found.
async fn rules(cx: &Cx, id: FilingId) -> Vec<String> {
    let found = finding::list(cx, id).await.unwrap();
    found.into_iter().map(|view| view.finding.rule.name().to_owned()).collect()
}

/// A name that no rule knows: what becomes of it is a person's choice.
const NAMELESS: &str = "03 其他/KX-77.pdf";

on_both! {
    async fn pieces_that_break_off_go_on_where_they_stopped(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let mut bytes = pdf("pieces");
        bytes.splice(9..9, format!("% {}\n", "y".repeat(90)).repeat(3_000).into_bytes());
        let file = wanted(cx, id, NAMELESS, &bytes).await;
        assert_eq!(piece(cx, id, file, 0, &bytes[..70_001]).await, (70_001, false));
        assert_eq!(seen(cx, id, NAMELESS).await.state, State::Receiving);

        // The process dies: bytes and row are there in the next life, the spool's sweep does not touch them.
        let next = Cx::anonymous(world.reopen(backend::faults::Faults::default(), 99).await)
            .with_actor(cx.actor().unwrap().clone());
        next.objects.clear_spool().await.unwrap();
        assert_eq!(job::resume(&next).await.unwrap(), 0, "every byte has its row");
        // The tab was closed: the same folder dropped again goes on.
        assert_eq!(announce(&next, id, NAMELESS, &bytes).await, Reply::Send { file, offset: 70_001 });
        // A piece from elsewhere is told where to go on, and changes nothing.
        assert!(matches!(Receiving::begin(&next, id, file, 0).await.unwrap(), Began::At(70_001)));
        assert_eq!(piece(&next, id, file, 70_001, &bytes[70_001..]).await, (bytes.len() as u64, true));
        assert!(matches!(Receiving::begin(&next, id, file, 0).await.unwrap(), Began::Complete));
        job::work(&next).await.unwrap();
        let found = seen(&next, id, NAMELESS).await;
        assert_eq!((found.state, found.kept), (State::Unsure, true), "{found:?}");
        assert_eq!(waiting(&world), 0, "its bytes are an object now");
    }

    async fn what_is_there_already_is_not_sent_again(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let bytes = pdf("once");
        let file = handed_in(cx, id, NAMELESS, &bytes).await;
        assert!(matches!(announce(cx, id, NAMELESS, &bytes).await, Reply::Known { .. }));
        let Reply::Known { said } = announce(cx, id, "副本/KX-77 (2).pdf", &bytes).await else { panic!("a copy") };
        assert!(said.zh.contains(NAMELESS), "{}", said.zh);
        intake::place(cx, file.id, "audit_report").await.unwrap();
        let Reply::Known { said } = announce(cx, id, "别处.pdf", &bytes).await else { panic!("in a slot") };
        assert!(said.zh.contains("审计报告"), "{}", said.zh);

        // A plain form announces nothing: the copy is noticed when it is there.
        let body = stream::iter([Ok::<_, std::io::Error>(bytes.clone())]);
        intake::receive_whole(cx, id, "又一份.pdf", cx.now(), body).await.unwrap();
        job::work(cx).await.unwrap();
        let copy = seen(cx, id, "又一份.pdf").await;
        assert_eq!(copy.state, State::SetAside);
        assert!(problem(&copy).contains("KX-77.pdf"), "{}", problem(&copy));
        assert_eq!(waiting(&world), 0);
    }

    async fn litter_is_left_and_nonsense_is_refused_in_words(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        for path in [".DS_Store", "推荐/Thumbs.db", "~$新建文档.docx", "desktop.ini"] {
            assert_eq!(announce(cx, id, path, b"x").await, Reply::Litter, "{path}");
        }
        for (path, bytes, word) in [
            ("../../etc/passwd", &b"x"[..], "路径"),
            ("空.pdf", b"", "空"),
            ("说明.txt", b"x", "txt"),
        ] {
            let Reply::Refused { said } = announce(cx, id, path, bytes).await else { panic!("{path}") };
            assert!(said.zh.contains(word) && !said.en.is_empty(), "{path}: {}", said.zh);
        }
        // Dropped again: told once.
        assert_eq!(announce(cx, id, ".DS_Store", b"x").await, Reply::Litter);
        intake::leave_out(cx, id, "Thumbs.db", 3, cx.now()).await.unwrap();
        let files = intake::list(cx, id).await.unwrap();
        let paths = |state: State| -> Vec<&str> {
            files.iter().filter(|file| file.state == state).map(|file| file.path.as_str()).collect()
        };
        assert_eq!(paths(State::Held), ["空.pdf"], "what could not be copied is remembered");
        let left_out = [".DS_Store", "Thumbs.db", "desktop.ini", "推荐/Thumbs.db", "~$新建文档.docx"];
        let mut found = paths(State::SetAside);
        found.sort_unstable();
        assert_eq!(found, { let mut all = left_out; all.sort_unstable(); all });
        let told = finding::list(cx, id).await.unwrap();
        let told = told.iter().find(|view| view.finding.rule == domain::finding::Rule::IgnoredSystemFiles).expect("a finding");
        assert!(left_out.iter().all(|path| told.finding.message.zh.contains(path)), "{}", told.finding.message.zh);
        // Somebody else's filing learns of nothing, and nobody adds to it.
        assert!(matches!(intake::leave_out(&cast.stranger, id, "Thumbs.db", 3, cx.now()).await, Err(Error::NotFound)));
        // Larger than any slot takes.
        let mut large = announced("大.pdf", b"x");
        large.size = 1 << 40;
        let replies = intake::announce(cx, id, &[large], cx.now()).await.unwrap();
        assert!(matches!(&replies[..], [Reply::Refused { .. }]), "{replies:?}");
    }

    async fn files_that_cannot_be_taken_are_held_with_a_reason(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let text = |body: &str| String::from_utf8(pdf(body)).unwrap();
        let encrypted = text("locked").replace("/Size 1", "/Size 1 /Encrypt 2 0 R");
        let active = text("<< /S /JavaScript /JS (app.alert(1)) >>");
        for (path, bytes, word) in [
            ("加密.pdf", encrypted.as_bytes(), "密"),
            ("脚本.pdf", active.as_bytes(), "JavaScript"),
            ("其实是程序.pdf", &b"MZ\x90\0 not a PDF at all"[..], "PDF"),
            ("截断.pdf", &text("cut").as_bytes()[..60], "不完整"),
        ] {
            let file = handed_in(cx, id, path, bytes).await;
            assert_eq!(file.state, State::Held, "{path}");
            assert!(problem(&file).contains(word), "{path}: {}", problem(&file));
            assert!(matches!(intake::place(cx, file.id, "audit_report").await, Err(Error::Conflict(_))));
        }
        assert_eq!(waiting(&world), 4, "nothing is lost while the person has not answered");
        // Sent bytes that are not the announced ones.
        let file = wanted(cx, id, "换了.pdf", &pdf("one")).await;
        piece(cx, id, file, 0, &pdf("two")).await;
        job::work(cx).await.unwrap();
        let changed = seen(cx, id, "换了.pdf").await;
        assert_eq!(changed.state, State::Failed);
        assert!(problem(&changed).contains("摘要"), "{}", problem(&changed));
        // The same file again tries again.
        assert_eq!(announce(cx, id, "换了.pdf", &pdf("one")).await, Reply::Send { file, offset: 0 });
    }

    async fn an_archive_is_opened_with_names_in_gbk(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let gbk = |name: &str| encoding_rs::GBK.encode(name).0.into_owned();
        let archive = zip(&[
            Entry::new(&gbk("其他文件/KX-1.pdf"), &pdf("a")),
            Entry { utf8: true, ..Entry::new("其他文件/KX-2.pdf".as_bytes(), &pdf("b")) },
            Entry::new(&gbk("其他文件/内层.zip"), b"PK\x05\x06"),
            Entry::new(b"../../etc/KX-3.pdf", &pdf("c")),
            Entry { link: true, ..Entry::new(b"KX-4.pdf", b"/etc/passwd") },
            Entry::new(b"__MACOSX/._KX-1.pdf", b"x"),
        ]);
        let outer = handed_in(cx, id, "申报.zip", &archive).await;
        assert_eq!(outer.state, State::Unpacked, "{outer:?}");
        assert!(outer.verdict.reasons.iter().any(|reason| reason.zh.contains("5 个文件")), "{outer:?}");
        for path in ["申报/其他文件/KX-1.pdf", "申报/其他文件/KX-2.pdf"] {
            assert_eq!(seen(cx, id, path).await.state, State::Unsure, "{path}");
        }
        for (path, word) in [("申报/其他文件/内层.zip", "压缩包"), ("申报/KX-3.pdf", "文件夹之外"), ("申报/KX-4.pdf", "链接")] {
            let file = seen(cx, id, path).await;
            assert_eq!(file.state, State::Held, "{path}");
            assert!(problem(&file).contains(word), "{path}: {}", problem(&file));
        }
        assert_eq!(waiting(&world), 0, "the archive itself is gone");
    }

    async fn archives_that_are_traps_leave_nothing(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        // Its head announces more than any filing may have.
        let bomb = zip(&[Entry { claims: Some(3 << 30), ..Entry::new(b"KX-1.pdf", b"small") }]);
        let names: Vec<String> = (0..1_001).map(|n| format!("{n}.pdf")).collect();
        let many: Vec<Entry<'_>> = names.iter().map(|name| Entry::new(name.as_bytes(), b"")).collect();
        for (path, bytes, word) in [
            ("弹.zip", bomb, "过大"),
            ("多.zip", zip(&many), "1001 个文件"),
            ("坏.zip", b"PK\x03\x04 nothing".to_vec(), "损坏"),
        ] {
            let file = handed_in(cx, id, path, &bytes).await;
            assert_eq!(file.state, State::Held, "{path}: {file:?}");
            assert!(problem(&file).contains(word), "{path}: {}", problem(&file));
        }
        assert_eq!(intake::list(cx, id).await.unwrap().len(), 3, "nothing came out");
    }

    async fn a_person_answers_moves_and_takes_back(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let file = handed_in(cx, id, NAMELESS, &pdf("moved")).await.id;
        intake::place(cx, file, "audit_report").await.unwrap();
        assert_eq!(in_slot(cx, id, "audit_report").await, ["KX-77.pdf"]);
        let placed = seen(cx, id, NAMELESS).await;
        assert_eq!((placed.state, placed.slot.as_str()), (State::Placed, "audit_report"));

        intake::relocate(cx, placed.document.unwrap(), "legal_opinion").await.unwrap();
        assert_eq!(in_slot(cx, id, "audit_report").await, Vec::<String>::new());
        assert_eq!(in_slot(cx, id, "legal_opinion").await, ["KX-77.pdf"]);
        intake::undo(cx, file).await.unwrap();
        assert_eq!(in_slot(cx, id, "audit_report").await, ["KX-77.pdf"]);
        assert_eq!(seen(cx, id, NAMELESS).await.slot, "audit_report");

        intake::set_aside(cx, file).await.unwrap();
        assert_eq!(in_slot(cx, id, "audit_report").await, Vec::<String>::new());
        intake::put_back(cx, file).await.unwrap();
        assert_eq!(in_slot(cx, id, "audit_report").await, ["KX-77.pdf"]);

        // The ledger's private record tells each step.
        let steps: Vec<String> = filing::workspace(cx, id).await.unwrap().timeline.into_iter()
            .filter(|event| event.subject_kind == "document").map(|event| event.kind).collect();
        assert_eq!(steps, [
            "document_added", "document_removed", "document_added", "document_removed", "document_added",
            "document_removed", "document_restored",
        ]);
        // A slot that does not take the format says so and the file stays where it was.
        let full = handed_in(cx, id, "KX-78.pdf", &pdf("second")).await.id;
        assert!(said(intake::place(cx, full, "no_such_slot").await).contains("槽位"));
        assert_eq!(seen(cx, id, "KX-78.pdf").await.state, State::Unsure);
    }

    async fn corrections_are_remembered_for_the_next_filing(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let name = "奇怪的名字（2025年度）盖章版.pdf";
        let file = handed_in(cx, id, name, &pdf("first year")).await;
        assert_eq!(file.state, State::Unsure);
        intake::place(cx, file.id, "custody_agreement").await.unwrap();

        let next = opened(cx).await;
        let again = handed_in(cx, next, "另一文件夹/奇怪的名字（2026年度）.pdf", &pdf("second year")).await;
        assert_eq!((again.state, again.slot.as_str()), (State::Placed, "custody_agreement"), "{again:?}");
        assert!(again.verdict.reasons[0].zh.contains("上次"), "{again:?}");
        assert_eq!(in_slot(cx, next, "custody_agreement").await, ["奇怪的名字（2026年度）.pdf"]);

        // Another company's memory is its own.
        let theirs = opened(&cast.stranger).await;
        let file = handed_in(&cast.stranger, theirs, name, &pdf("theirs")).await;
        assert_eq!(file.state, State::Unsure);
    }

    async fn a_restart_goes_on_and_forgets_nothing_but_strays(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let bytes = pdf("restart");
        let file = wanted(cx, id, NAMELESS, &bytes).await;
        piece(cx, id, file, 0, &bytes).await;
        // A run that died in the middle of it, and bytes that no row names.
        let mut tx = cx.db.begin().await.unwrap();
        tx.run("UPDATE intake_file SET state = 'reading' WHERE id = $1", args![file]).await.unwrap();
        tx.commit().await.unwrap();
        std::fs::write(world.folder.path().join("intake").join(cx.id().to_string()), b"stray").unwrap();
        assert_eq!(job::work(cx).await.unwrap(), 0, "nobody else takes what is being read");
        assert_eq!(job::resume(cx).await.unwrap(), 1, "the stray");
        assert_eq!(job::work(cx).await.unwrap(), 1);
        assert_eq!(seen(cx, id, NAMELESS).await.state, State::Unsure);

        // What never becomes whole is let go after a week.
        let half = wanted(cx, id, "半.pdf", &pdf("half")).await;
        piece(cx, id, half, 0, b"%PDF").await;
        assert_eq!(job::expire(cx).await.unwrap(), 0);
        world.services.clock.advance(Duration::days(8));
        assert_eq!(job::expire(cx).await.unwrap(), 1);
        assert_eq!(waiting(&world), 0);
    }

    async fn a_folder_is_judged_as_a_whole_and_a_person_has_the_last_word(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let (draft, finished) = ("审计报告（初稿，别用）.pdf", "审计报告 盖章.pdf");
        handed_in(cx, id, draft, &pdf("draft")).await;
        assert_eq!(seen(cx, id, draft).await.state, State::Unsure, "a draft alone is all there is");
        handed_in(cx, id, finished, &pdf("finished")).await;
        let aside = seen(cx, id, draft).await;
        assert_eq!(aside.state, State::SetAside, "{aside:?}");
        assert!(problem(&aside).contains(finished), "{}", problem(&aside));
        assert_eq!(rules(cx, id).await, ["superseded_draft"]);
        assert_eq!(intake::progress(cx, id).await.unwrap().working, 0);

        // Put back it stays, whatever comes after.
        intake::put_back(cx, aside.id).await.unwrap();
        let back = seen(cx, id, draft).await;
        assert_eq!((back.state, problem(&back)), (State::Unsure, ""));
        handed_in(cx, id, "又一份.pdf", &pdf("another")).await;
        assert_eq!(seen(cx, id, draft).await.state, State::Unsure, "a person's choice is not overridden");
        assert_eq!(rules(cx, id).await, Vec::<String>::new());

        // The same for what a person put into a slot before its finished version came.
        let early = "法律意见书（初稿）.pdf";
        let file = handed_in(cx, id, early, &pdf("early")).await;
        intake::place(cx, file.id, "legal_opinion").await.unwrap();
        handed_in(cx, id, "法律意见书.pdf", &pdf("late")).await;
        assert_eq!(seen(cx, id, early).await.state, State::Placed);
        // What a person puts aside is settled.
        intake::set_aside(cx, aside.id).await.unwrap();
        assert_eq!(rules(cx, id).await, Vec::<String>::new());
    }

    async fn what_the_rules_placed_the_rules_take_out_again(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        // Placed without asking, because of what a person did last time.
        let (before, draft) = (opened(cx).await, "审计报告（草稿）.pdf");
        let file = handed_in(cx, before, draft, &pdf("last year")).await;
        intake::place(cx, file.id, "audit_report").await.unwrap();
        assert_eq!(handed_in(cx, id, draft, &pdf("draft")).await.state, State::Placed);
        handed_in(cx, id, "审计报告 正式.pdf", &pdf("finished")).await;
        let aside = seen(cx, id, draft).await;
        assert_eq!(aside.state, State::SetAside, "{aside:?}");
        assert_eq!(in_slot(cx, id, "audit_report").await, Vec::<String>::new());
        intake::put_back(cx, aside.id).await.unwrap();
        assert_eq!(in_slot(cx, id, "audit_report").await, [draft]);
        handed_in(cx, id, "又一份.pdf", &pdf("another")).await;
        assert_eq!(in_slot(cx, id, "audit_report").await, [draft], "and it is not taken out again");
    }

    async fn copies_and_empty_files_are_told_of(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let (plain, copy, empty) = ("KX-9.pdf", "KX-9(1).pdf", "全体董事承诺 盖章.pdf");
        let bytes = pdf("twice");
        let folder = [announced(copy, &bytes), announced(plain, &bytes), announced(empty, b"")];
        let replies = intake::announce(cx, id, &folder, cx.now()).await.unwrap();
        let [Reply::Known { .. }, Reply::Send { file, offset: 0 }, Reply::Refused { .. }] = &replies[..] else {
            panic!("the plainest name is wanted: {replies:?}")
        };
        piece(cx, id, *file, 0, &bytes).await;
        job::work(cx).await.unwrap();
        assert_eq!(seen(cx, id, copy).await.state, State::SetAside);
        assert_eq!(seen(cx, id, empty).await.state, State::Held);
        // The slot that stays empty says why.
        assert_eq!(rules(cx, id).await, ["missing_slot", "empty_file", "duplicate_file"]);
        // The same folder again is the same folder.
        intake::announce(cx, id, &folder, cx.now()).await.unwrap();
        assert_eq!(intake::list(cx, id).await.unwrap().len(), 3);

        // Copied again, whole this time: what was wrong before is over.
        handed_in(cx, id, empty, &pdf("whole")).await;
        assert_eq!(rules(cx, id).await, ["duplicate_file"]);
    }

    async fn a_folder_waits_for_its_last_file(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let draft = "审计报告（初稿）.pdf";
        let late = wanted(cx, id, "晚.pdf", &pdf("late")).await;
        handed_in(cx, id, draft, &pdf("draft")).await;
        handed_in(cx, id, "审计报告.pdf", &pdf("finished")).await;
        assert_eq!(seen(cx, id, draft).await.state, State::Unsure, "bytes are still on their way");
        assert!(intake::progress(cx, id).await.unwrap().working > 0);
        piece(cx, id, late, 0, b"%PDF").await;
        // Whoever closed the tab keeps nobody waiting.
        world.services.clock.advance(Duration::seconds(30));
        job::work(cx).await.unwrap();
        assert_eq!(seen(cx, id, draft).await.state, State::SetAside);
        assert_eq!(intake::progress(cx, id).await.unwrap().working, 0);
    }

    async fn nobody_else_reaches_it(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let bytes = pdf("private");
        let file = wanted(cx, id, NAMELESS, &bytes).await;
        for other in [&cast.stranger, &cast.accountant, &cast.reviewer, &cast.supervisor] {
            let announced = intake::announce(other, id, &[announced("x.pdf", b"x")], other.now()).await;
            assert!(matches!(announced, Err(Error::NotFound)), "{announced:?}");
            assert!(matches!(Receiving::begin(other, id, file, 0).await, Err(Error::NotFound)));
            assert!(matches!(intake::list(other, id).await, Err(Error::NotFound)));
            assert!(matches!(intake::progress(other, id).await, Err(Error::NotFound)));
            assert!(matches!(intake::place(other, file, "audit_report").await, Err(Error::NotFound)));
            assert!(matches!(intake::set_aside(other, file).await, Err(Error::NotFound)));
        }
        // A file of one filing cannot be filled through the address of another.
        let own = opened(&cast.stranger).await;
        assert!(matches!(Receiving::begin(&cast.stranger, own, file, 0).await, Err(Error::NotFound)));
        let anonymous = world.anonymous();
        assert!(matches!(intake::list(&anonymous, id).await, Err(Error::SignedOut)));
    }
}

/// One entry of an archive made by hand, since no writer makes what must be refused.
#[derive(Clone, Copy)]
struct Entry<'a> {
    name: &'a [u8],
    bytes: &'a [u8],
    utf8: bool,
    link: bool,
    /// The size in its head, when it lies.
    claims: Option<u32>,
}

impl<'a> Entry<'a> {
    const fn new(name: &'a [u8], bytes: &'a [u8]) -> Self {
        Self { name, bytes, utf8: false, link: false, claims: None }
    }

    /// What local and central head have in common, from the flags to the sizes (APPNOTE 4.3.7).
    fn head(&self) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len()).unwrap();
        let mut head = Vec::new();
        head.extend(if self.utf8 { 1_u16 << 11 } else { 0 }.to_le_bytes());
        // Stored, no time.
        head.extend([0; 6]);
        head.extend(crc32fast::hash(self.bytes).to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend(self.claims.unwrap_or(length).to_le_bytes());
        head.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        head.extend([0; 2]);
        head
    }
}

/// A ZIP of stored entries.
fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(out.len()).unwrap();
        out.extend(b"PK\x03\x04\x14\0");
        out.extend(entry.head());
        out.extend(entry.name);
        out.extend(entry.bytes);
        // Made on Unix, so that the mode counts.
        directory.extend(b"PK\x01\x02\x14\x03\x14\0");
        directory.extend(entry.head());
        directory.extend([0; 6]);
        let mode: u32 = if entry.link { 0o120_777 } else { 0o100_644 };
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(entry.name);
    }
    let (start, count) = (u32::try_from(out.len()).unwrap(), u16::try_from(entries.len()).unwrap());
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}
