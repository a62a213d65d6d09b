//! Passkeys in the browser: the button that registers one or signs with one, the calls to
//! `navigator.credentials`, and the server functions behind both. Other islands that need a signature (attestation)
//! use [`get_assertion`] or the same [`PasskeyButton`] with their own two addresses.

use serde::{Deserialize, Serialize};

#[cfg(target_arch = "wasm32")]
mod browser;
mod button;
mod credential;
mod functions;

pub use button::*;
pub use functions::*;

use crate::fail::Fail;

/// Why no passkey answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasskeyFailure {
    /// This browser has no passkeys, or the page is not served over https (or localhost).
    Unsupported,
    /// The person closed the dialog, or it waited too long.
    Cancelled,
    /// This authenticator is registered already.
    Known,
    /// The options or the answer could not be read.
    Unreadable,
    /// The server did not answer.
    Unreachable,
    /// The server did not accept it; already in words.
    Refused(Fail),
}

/// Asks for a signature over the options that the server made (`{"publicKey": …}`, binary members in base64url);
/// answers the assertion as `PublicKeyCredential.toJSON` writes it.
///
/// # Errors
/// [`PasskeyFailure`]; outside a browser always `Unsupported`.
pub async fn get_assertion(options_json: &str) -> Result<String, PasskeyFailure> {
    let options = credential::read_options(options_json).ok_or(PasskeyFailure::Unreadable)?;
    #[cfg(target_arch = "wasm32")]
    return browser::get(&options).await;
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = options;
        Err(PasskeyFailure::Unsupported)
    }
}

/// Makes a new passkey from the server's options; answers the registration as `PublicKeyCredential.toJSON` writes it.
///
/// # Errors
/// As [`get_assertion`].
pub async fn create_credential(options_json: &str) -> Result<String, PasskeyFailure> {
    let options = credential::read_options(options_json).ok_or(PasskeyFailure::Unreadable)?;
    #[cfg(target_arch = "wasm32")]
    return browser::create(&options).await;
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = options;
        Err(PasskeyFailure::Unsupported)
    }
}
