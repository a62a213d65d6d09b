//! Who knocks: the actors of the matrix and how each signs in.

use backend::{Cx, Services, args, seed, session::SignedIn, totp};
use domain::{actor::Assurance, id::UserId};
use uuid::Uuid;

use crate::{Answer, Client};

/// An actor of the matrix. The owners and the firm are those of the two target filings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Anonymous,
    /// The other enterprise after the password, before the second factor.
    PasswordOnly,
    /// Owns the filing that is being attested.
    OwnerAttesting,
    /// Owns the submitted filing.
    OwnerSubmitted,
    /// An enterprise that has nothing to do with either.
    OtherEnterprise,
    /// The accountant who signs for both.
    EngagedSigner,
    /// A signer of a firm that is engaged by neither.
    ForeignFirm,
    Reviewer,
    SecondReviewer,
    Operator,
    Supervisor,
}

impl Who {
    pub const ALL: [Self; 11] = [
        Self::Anonymous,
        Self::PasswordOnly,
        Self::OwnerAttesting,
        Self::OwnerSubmitted,
        Self::OtherEnterprise,
        Self::EngagedSigner,
        Self::ForeignFirm,
        Self::Reviewer,
        Self::SecondReviewer,
        Self::Operator,
        Self::Supervisor,
    ];

    /// Name in snapshots.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::PasswordOnly => "password-only",
            Self::OwnerAttesting => "owner-of-attesting",
            Self::OwnerSubmitted => "owner-of-submitted",
            Self::OtherEnterprise => "other-enterprise",
            Self::EngagedSigner => "engaged-signer",
            Self::ForeignFirm => "foreign-firm",
            Self::Reviewer => "reviewer",
            Self::SecondReviewer => "second-reviewer",
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.name() == name)
    }

    /// Everybody with a complete sign-in.
    pub fn signed_in() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|who| !matches!(who, Self::Anonymous | Self::PasswordOnly))
    }

    /// Login, password and the secret of the time-based code.
    pub fn credentials(self) -> Option<Credentials> {
        let of = |role: &str| {
            let account =
                seed::accounts().into_iter().find(|account| account.role == role).expect("a demo account");
            Credentials {
                login: account.login.to_string(),
                password: account.password.to_string(),
                totp_secret: account.totp_secret.to_string(),
            }
        };
        Some(match self {
            Self::Anonymous => return None,
            Self::PasswordOnly | Self::OtherEnterprise => of("enterprise"),
            Self::OwnerAttesting => crowd("company3@demo.guxin.example"),
            Self::OwnerSubmitted => crowd("company4@demo.guxin.example"),
            Self::EngagedSigner => of("accountant"),
            Self::ForeignFirm => crowd("signer4@demo.guxin.example"),
            Self::Reviewer => of("reviewer"),
            Self::SecondReviewer => of("second-reviewer"),
            Self::Operator => of("operator"),
            Self::Supervisor => of("regulator"),
        })
    }

    /// Whether the demonstration leaves this person without a second factor.
    const fn must_enrol(self) -> bool {
        matches!(self, Self::OwnerAttesting | Self::OwnerSubmitted | Self::ForeignFirm)
    }

    /// Gives those who have none a time-based code.
    pub async fn enrol(self, services: &std::sync::Arc<Services>) {
        if let Some(credentials) = self.credentials().filter(|_| self.must_enrol()) {
            enrol(services, &credentials).await;
        }
    }
}

const CROWD_SECRET: &str = "JBSWY3DPEHPK3PXPGUXINZZZZZZZZZZZ";

/// What a person types.
pub(crate) struct Credentials {
    pub login: String,
    pub password: String,
    pub totp_secret: String,
}

/// Credentials of somebody without an account on the sign-in page.
pub(crate) fn crowd(login: &str) -> Credentials {
    Credentials {
        login: login.to_owned(),
        password: seed::CROWD_PASSWORD.to_owned(),
        totp_secret: CROWD_SECRET.to_owned(),
    }
}

/// Confirms a known secret for a person, as the enrolment page does with one of its own.
pub(crate) async fn enrol(services: &std::sync::Arc<Services>, credentials: &Credentials) {
    let cx = cx_of(services, &credentials.login).await;
    let code = seed::current_code(&credentials.totp_secret, cx.now()).expect("a code");
    totp::confirm(&cx, &credentials.totp_secret, &code).await.expect("the code is right");
}

/// A context in which this person acts, surely signed in.
pub(crate) async fn cx_of(services: &std::sync::Arc<Services>, login: &str) -> Cx {
    let cx = Cx::anonymous(std::sync::Arc::clone(services));
    let (person,): (Uuid,) = cx
        .db
        .read()
        .one("SELECT id FROM person WHERE login = $1", args![login])
        .await
        .expect("the person is in the market");
    let signed_in = SignedIn {
        person: UserId(person),
        assurance: Assurance::Passkey,
        since: cx.now(),
        proven_at: Some(domain::moment::to_micros(cx.now())),
    };
    let actor = backend::session::actor_of(&cx, &signed_in).await.expect("a read").expect("an active person");
    cx.with_actor(actor)
}

/// A browser in which somebody of the crowd (`companyN`, `signerN`) is signed in.
pub(crate) async fn crowd_client(platform: &crate::Platform, login: &str) -> Client {
    let credentials = crowd(login);
    enrol(&platform.services, &credentials).await;
    // The code that was just confirmed is used up.
    platform.services.clock.advance(time::Duration::seconds(60));
    let mut client = Client::new(platform.router.clone());
    give_password(&mut client, &credentials).await;
    let answer = give_code(&mut client, &credentials, platform.services.clock.now()).await;
    assert_eq!(answer.location(), "/home", "{login}: {}", answer.text());
    client
}

/// Signs in through the real forms: password first.
pub(crate) async fn give_password(client: &mut Client, credentials: &Credentials) -> Answer {
    client
        .submit(
            "/login",
            "/do/session/begin",
            &[("login", &credentials.login), ("password", &credentials.password)],
        )
        .await
}

/// Then the code of this moment.
pub(crate) async fn give_code(
    client: &mut Client,
    credentials: &Credentials,
    now: time::OffsetDateTime,
) -> Answer {
    let code = seed::current_code(&credentials.totp_secret, now).expect("a code");
    client.submit("/login/second-factor", "/do/session/second-factor", &[("code", &code)]).await
}

/// The code of this moment on the page that asks for it again, wanting to go on to `next`.
pub(crate) async fn give_code_to(
    client: &mut Client,
    credentials: &Credentials,
    now: time::OffsetDateTime,
    page: &str,
    next: &str,
) -> Answer {
    let code = seed::current_code(&credentials.totp_secret, now).expect("a code");
    client.submit(page, "/do/session/step-up", &[("code", &code), ("next", next)]).await
}
