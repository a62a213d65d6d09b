//! A key in a token (PKCS #11): a hardware security module, a smart card, or SoftHSM2 in tests. The secret never leaves it; what comes out
//! is Ed25519 signatures (`CKM_EDDSA`) and the public key.
//!
//! The token is named by a PKCS #11 URI (RFC 7512): `pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=file:FILE`. The PIN is read
//! from a private file (`file:`) or a variable of the environment (`env:`) whenever a session begins, and stands in no message.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, bail, ensure};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{
        Mechanism,
        eddsa::{EddsaParams, EddsaSignatureScheme},
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    types::AuthPin,
};
use ledger::{key::VerifierKey, note::Signature};
use percent_encoding::percent_decode_str;

use crate::{chance::Random, durable};

/// `edwards25519` as a DER PrintableString, which is how CKA_EC_PARAMS names the curve (PKCS #11 v3.0, 2.3.10).
const CURVE: &[u8] = b"\x13\x0cedwards25519";

/// Modules that are loaded: one may be initialised once in a process.
static MODULES: Mutex<Option<HashMap<PathBuf, Pkcs11>>> = Mutex::new(None);

/// Where in a token a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    token: String,
    object: String,
    module: PathBuf,
    pin: PinSource,
}

/// Where the PIN is, not what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PinSource {
    File(PathBuf),
    Environment(String),
}

/// A key of a token that was found. Cheap to clone.
#[derive(Clone)]
pub(super) struct Token(Arc<Inner>);

struct Inner {
    place: TokenPlace,
    key: VerifierKey,
    /// One signature at a time, and a session that can be begun again.
    session: Mutex<(Session, ObjectHandle)>,
}

impl FromStr for TokenPlace {
    type Err = anyhow::Error;

    fn from_str(uri: &str) -> anyhow::Result<Self> {
        let rest = uri.strip_prefix("pkcs11:").context("expected `pkcs11:`")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut token, mut object, mut module, mut pin) = (None, None, None, None);
        let parts = path.split(';').chain(query.split('&')).filter(|part| !part.is_empty());
        for part in parts {
            let (name, value) =
                part.split_once('=').with_context(|| format!("`{part}` is not name=value"))?;
            let value =
                percent_decode_str(value).decode_utf8().with_context(|| format!("`{name}`"))?.into_owned();
            match name {
                "token" => token = Some(value),
                "object" => object = Some(value),
                "module-path" => module = Some(PathBuf::from(value)),
                "pin-source" => pin = Some(value),
                // A configuration is read by more people than a PIN should be.
                "pin-value" => bail!("put the PIN into a file and name it with `pin-source=file:…`"),
                other => {
                    bail!("`{other}` is not understood: expected token, object, module-path, pin-source")
                }
            }
        }
        let pin = pin.context("`pin-source` is missing")?;
        let pin = match pin.split_once(':') {
            Some(("file", path)) if !path.is_empty() => PinSource::File(path.into()),
            Some(("env", name)) if !name.is_empty() => PinSource::Environment(name.to_owned()),
            _ => bail!("`pin-source` must begin with `file:` or `env:`"),
        };
        Ok(Self {
            token: token.context("`token` is missing")?,
            object: object.context("`object` is missing")?,
            module: module.context("`module-path` is missing")?,
            pin,
        })
    }
}

impl std::fmt::Display for TokenPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "object `{}` of token `{}`", self.object, self.token)
    }
}

impl TokenPlace {
    /// Whether the token has a key with this label.
    pub(super) fn exists(&self) -> anyhow::Result<bool> {
        Ok(!self.find(&self.begin()?, ObjectClass::PRIVATE_KEY)?.is_empty())
    }

    /// Makes a key pair in the token; the secret can never be taken out.
    pub(super) fn make(&self, random: &Random) -> anyhow::Result<()> {
        let session = self.begin()?;
        ensure!(self.find(&session, ObjectClass::PRIVATE_KEY)?.is_empty(), "{self} is there already");
        let label = || Attribute::Label(self.object.clone().into_bytes());
        let id = random.bytes::<8>().to_vec();
        let public = [
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(CURVE.to_vec()),
            Attribute::Id(id.clone()),
            label(),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Id(id),
            label(),
        ];
        session
            .generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)
            .with_context(|| format!("making {self}"))?;
        Ok(())
    }

    /// Opens the key of the log with this origin.
    pub(super) fn open(&self, origin: &str) -> anyhow::Result<Token> {
        let session = self.begin()?;
        let secret = self.only(&session, ObjectClass::PRIVATE_KEY)?;
        let public = self.only(&session, ObjectClass::PUBLIC_KEY)?;
        let point = session
            .get_attributes(public, &[AttributeType::EcPoint])?
            .into_iter()
            .find_map(|attribute| match attribute {
                Attribute::EcPoint(point) => Some(point),
                _ => None,
            })
            .with_context(|| format!("{self} does not show its public key"))?;
        // An OCTET STRING in DER; some modules give the 32 bytes bare.
        let bare = point.strip_prefix(b"\x04\x20").unwrap_or(&point);
        let bytes = bare.try_into().map_err(|_| anyhow::anyhow!("{self} is no Ed25519 key"))?;
        let key = VerifierKey::ed25519(origin, bytes).with_context(|| self.to_string())?;
        Ok(Token(Arc::new(Inner { place: self.clone(), key, session: Mutex::new((session, secret)) })))
    }

    /// A session of a user who has logged in.
    fn begin(&self) -> anyhow::Result<Session> {
        let module = module(&self.module)?;
        let mut slots = Vec::new();
        for slot in module.get_slots_with_token()? {
            if module.get_token_info(slot)?.label() == self.token {
                slots.push(slot);
            }
        }
        let [slot] = slots[..] else {
            bail!("{} tokens have the label `{}` at {}", slots.len(), self.token, self.module.display())
        };
        let session = module.open_rw_session(slot)?;
        match session.login(UserType::User, Some(&self.pin.read()?)) {
            // A login is the process's, not the session's.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(error).with_context(|| format!("logging in to token `{}`", self.token)),
        }
    }

    fn find(&self, session: &Session, class: ObjectClass) -> anyhow::Result<Vec<ObjectHandle>> {
        let label = Attribute::Label(self.object.clone().into_bytes());
        let kind = Attribute::KeyType(KeyType::EC_EDWARDS);
        Ok(session.find_objects(&[Attribute::Class(class), kind, label])?)
    }

    fn only(&self, session: &Session, class: ObjectClass) -> anyhow::Result<ObjectHandle> {
        match self.find(session, class)?[..] {
            [only] => Ok(only),
            [] => bail!("there is no {self}, or it is no Ed25519 key"),
            _ => bail!("there are several keys like {self}: give each a label of its own"),
        }
    }
}

impl PinSource {
    fn read(&self) -> anyhow::Result<AuthPin> {
        let text = match self {
            Self::File(path) => {
                durable::check_private(path).with_context(|| format!("`pin-source`: {}", path.display()))?;
                std::fs::read_to_string(path).with_context(|| format!("`pin-source`: {}", path.display()))?
            }
            Self::Environment(name) => {
                std::env::var(name).map_err(|_| anyhow::anyhow!("`pin-source`: {name} is not set"))?
            }
        };
        Ok(AuthPin::new(text.trim_end_matches(['\r', '\n']).into()))
    }
}

impl Token {
    pub(super) fn verifier_key(&self) -> VerifierKey {
        self.0.key.clone()
    }

    /// A signature line over a note's text; unchecked.
    pub(super) fn sign(&self, text: &str) -> anyhow::Result<Signature> {
        let Inner { place, key, session } = &*self.0;
        let mut held = session.lock().unwrap_or_else(PoisonError::into_inner);
        let signature = match sign(&held, text) {
            Ok(signature) => signature,
            Err(error) => {
                // A session goes with the module's or the token's power; a new one tells whether that was it.
                tracing::warn!(%error, "the token did not sign; its session is begun again");
                let session = place.begin()?;
                let secret = place.only(&session, ObjectClass::PRIVATE_KEY)?;
                *held = (session, secret);
                sign(&held, text).with_context(|| format!("signing with {place}"))?
            }
        };
        Ok(Signature { name: key.name().to_owned(), key_id: key.key_id(), signature })
    }
}

fn sign((session, secret): &(Session, ObjectHandle), text: &str) -> Result<Vec<u8>, Error> {
    let pure = EddsaParams::new(EddsaSignatureScheme::Pure);
    session.sign(&Mechanism::Eddsa(pure), *secret, text.as_bytes())
}

fn module(path: &Path) -> anyhow::Result<Pkcs11> {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    let modules = modules.get_or_insert_default();
    if let Some(module) = modules.get(path) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).with_context(|| format!("`module-path`: {}", path.display()))?;
    module
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .with_context(|| format!("`module-path`: {}", path.display()))?;
    modules.insert(path.to_owned(), module.clone());
    Ok(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_token_object_module_and_where_the_pin_is() {
        let uri =
            "pkcs11:token=exchange%20log;object=log-2026?module-path=/usr/lib/m.so&pin-source=file:/etc/pin";
        let place: TokenPlace = uri.parse().expect("a place");
        assert_eq!(place.to_string(), "object `log-2026` of token `exchange log`");
        assert_eq!((place.module, place.pin), ("/usr/lib/m.so".into(), PinSource::File("/etc/pin".into())));
        let place: TokenPlace =
            "pkcs11:token=t;object=o?module-path=m&pin-source=env:PIN".parse().expect("a place");
        assert_eq!(place.pin, PinSource::Environment("PIN".into()));
    }

    #[test]
    fn what_is_missing_or_unwise_is_named() {
        for (uri, named) in [
            ("pkcs11:object=o?module-path=m&pin-source=env:P", "`token`"),
            ("pkcs11:token=t?module-path=m&pin-source=env:P", "`object`"),
            ("pkcs11:token=t;object=o?pin-source=env:P", "`module-path`"),
            ("pkcs11:token=t;object=o?module-path=m", "`pin-source`"),
            ("pkcs11:token=t;object=o?module-path=m&pin-source=1234", "`file:` or `env:`"),
            ("pkcs11:token=t;object=o?module-path=m&pin-value=1234", "into a file"),
            ("pkcs11:token=t;object=o;slot-id=3?module-path=m&pin-source=env:P", "`slot-id`"),
            ("pkcs11:token", "name=value"),
        ] {
            let error = format!("{:#}", uri.parse::<TokenPlace>().expect_err(uri));
            assert!(error.contains(named) && !error.contains("1234"), "{uri}: {error}");
        }
    }
}
