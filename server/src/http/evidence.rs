//! Certificates and evidence bundles of submitted versions, documents and attestations.

use app::request::Request;
use axum::{
    Extension, Router,
    body::Body,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::evidence::{self, Bundle, Subject};
use domain::id::{AttestationId, DocumentId, FilingId};
use uuid::Uuid;

use super::{
    State,
    download::{attachment, recorded},
    upload::failed,
};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/filings/{filing}/versions/{number}/certificate.pdf", get(version_certificate))
        .route("/filings/{filing}/versions/{number}/evidence.zip", get(version_bundle))
        .route("/documents/{document}/versions/{number}/certificate.pdf", get(document_certificate))
        .route("/documents/{document}/versions/{number}/evidence.zip", get(document_bundle))
        .route("/attestations/{attestation}/certificate.pdf", get(attestation_certificate))
        .route("/attestations/{attestation}/evidence.zip", get(attestation_bundle))
}

type Asked = Extension<Request>;

async fn version_certificate(asked: Asked, Path((filing, number)): Path<(FilingId, i64)>) -> Response {
    certificate(&asked, filing.0, Subject::Version(filing, number)).await
}

async fn version_bundle(asked: Asked, Path((filing, number)): Path<(FilingId, i64)>) -> Response {
    bundle(&asked, filing.0, Subject::Version(filing, number)).await
}

async fn document_certificate(asked: Asked, Path((document, number)): Path<(DocumentId, i64)>) -> Response {
    certificate(&asked, document.0, Subject::Document(document, number)).await
}

async fn document_bundle(asked: Asked, Path((document, number)): Path<(DocumentId, i64)>) -> Response {
    bundle(&asked, document.0, Subject::Document(document, number)).await
}

async fn attestation_certificate(asked: Asked, Path(attestation): Path<AttestationId>) -> Response {
    certificate(&asked, attestation.0, Subject::Attestation(attestation)).await
}

async fn attestation_bundle(asked: Asked, Path(attestation): Path<AttestationId>) -> Response {
    bundle(&asked, attestation.0, Subject::Attestation(attestation)).await
}

async fn certificate(request: &Request, id: Uuid, subject: Subject) -> Response {
    let made = async {
        recorded(request, "supervision.certificate", id).await?;
        evidence::certificate(&request.cx, subject, request.lang.0).await
    };
    match made.await {
        Ok((number, pdf)) => served(Body::from(pdf), "application/pdf", &format!("{number}.pdf")),
        Err(error) => failed(request, &error),
    }
}

async fn bundle(request: &Request, id: Uuid, subject: Subject) -> Response {
    let made = async {
        recorded(request, "supervision.evidence", id).await?;
        evidence::bundle(&request.cx, subject).await
    };
    match made.await {
        Ok(Bundle { number, size, body }) => {
            let mut response = served(Body::from_stream(body), "application/zip", &format!("{number}.zip"));
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
            response
        }
        Err(error) => failed(request, &error),
    }
}

/// A mere file, as every download.
fn served(body: Body, media_type: &'static str, name: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&backend::document::disposition(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    response
}
