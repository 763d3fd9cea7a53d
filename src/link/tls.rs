//! TLS of a connection: own authority, client certificate, and failures in words.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::base::lang::Phrase;
use crate::dialect::TlsSettings;
use crate::link::texts;

/// The client's configuration as `[tls]` asks for it. `Err` names the file that cannot be used.
pub fn config(settings: &TlsSettings) -> Result<Arc<ClientConfig>, Phrase> {
    config_with(settings, |verifier| verifier)
}

/// The same with something around the verifier of the server's certificates.
pub fn config_with(
    settings: &TlsSettings,
    wrap: impl FnOnce(Arc<dyn ServerCertVerifier>) -> Arc<dyn ServerCertVerifier>,
) -> Result<Arc<ClientConfig>, Phrase> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = Arc::new(roots(settings)?);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Phrase::verbatim(error.to_string()))?;
    let inner = WebPkiServerVerifier::builder_with_provider(roots, provider)
        .build()
        .map_err(|error| Phrase::verbatim(error.to_string()))?;
    let verifier: Arc<dyn ServerCertVerifier> =
        if settings.verify_hostname == Some(false) { Arc::new(AnyName(inner)) } else { inner };
    let builder = builder.dangerous().with_custom_certificate_verifier(wrap(verifier));
    let config = match (&settings.client_cert, &settings.client_key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| file_fault(key, &error))?;
            builder.with_client_auth_cert(chain, key_der).map_err(|error| file_fault(cert, &error))?
        }
        _ => return Err(texts::TLS_PAIR.into()),
    };
    Ok(Arc::new(config))
}

fn roots(settings: &TlsSettings) -> Result<RootCertStore, Phrase> {
    let mut store = RootCertStore::empty();
    if let Some(path) = &settings.ca {
        for certificate in certificates(path)? {
            store.add(certificate).map_err(|error| file_fault(path, &error))?;
        }
        return Ok(store);
    }
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() {
        // A system without certificates (a bare container) still knows the public authorities.
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Phrase> {
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file_fault(path, &error))?;
    if found.is_empty() { Err(file_fault(path, &texts::TLS_EMPTY.get(crate::base::lang::Lang::En))) } else { Ok(found) }
}

fn file_fault(path: &Path, error: &dyn std::fmt::Display) -> Phrase {
    texts::TLS_FILE.with(&[&path.display(), error])
}

/// Checks the certificate's chain and dates, and takes any name in it (`verify_hostname = false`): some platforms use
/// certificates without a name that today's libraries read.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is checked last, after chain and dates.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Why a handshake failed, and what to do about it.
pub fn explain(error: &std::io::Error, host: &str) -> (Phrase, Option<Phrase>) {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        // What a listener without TLS does with the first bytes of a handshake.
        let closed = matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe);
        let advice = closed.then(|| texts::TLS_NOT_TLS_ADVICE.into());
        return (texts::TLS_FAILED.with(&[error]), advice);
    };
    match tls {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            (texts::TLS_UNKNOWN_ISSUER.into(), Some(texts::TLS_UNKNOWN_ISSUER_ADVICE.into()))
        }
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            (texts::TLS_EXPIRED.into(), Some(texts::TLS_CLOCK_ADVICE.into()))
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => (texts::TLS_NOT_YET.into(), Some(texts::TLS_CLOCK_ADVICE.into())),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => (texts::TLS_WRONG_NAME.with(&[&host]), Some(texts::TLS_WRONG_NAME_ADVICE.into())),
        rustls::Error::InvalidMessage(_) => (texts::TLS_NOT_TLS.into(), Some(texts::TLS_NOT_TLS_ADVICE.into())),
        other => (Phrase::verbatim(other.to_string()), None),
    }
}
