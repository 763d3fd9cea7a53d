//! What the server's certificates say: whose they are, who issued them, from when to when, for which names.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::base::text::local_date_time;
use crate::base::time::Time;

/// What was seen of a chain of certificates; the server's own first.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<Vec<u8>>>>);

/// One certificate in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Common name, or the whole subject.
    pub subject: String,
    /// The same of the issuer.
    pub issuer: String,
    /// From when it is valid.
    pub from: Time,
    /// Until when it is valid.
    pub until: Time,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// Whether it names itself as its issuer.
    pub self_issued: bool,
}

impl Certificate {
    fn read(der: &[u8]) -> Option<Certificate> {
        let (_, read) = X509Certificate::from_der(der).ok()?;
        let common = |name: &x509_parser::x509::X509Name<'_>| {
            let found = name.iter_common_name().next().and_then(|part| part.as_str().ok().map(str::to_owned));
            found.unwrap_or_else(|| name.to_string())
        };
        let time = |at: i64| Time::from_secs(u64::try_from(at).unwrap_or_default());
        let names = read.subject_alternative_name().ok().flatten();
        let names = names.map(|extension| &extension.value.general_names).into_iter().flatten();
        Some(Certificate {
            subject: common(read.subject()),
            issuer: common(read.issuer()),
            from: time(read.validity().not_before.timestamp()),
            until: time(read.validity().not_after.timestamp()),
            names: names
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some((*name).to_owned()),
                    GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}")),
                    GeneralName::IPAddress(bytes) => {
                        let address = <[u8; 16]>::try_from(*bytes).ok()?;
                        Some(std::net::Ipv6Addr::from(address).to_string())
                    }
                    _ => None,
                })
                .collect(),
            self_issued: read.subject() == read.issuer(),
        })
    }

    /// `lamp, issued by authority, 2024-01-01 … 2025-01-01, for a, b`: subject, issuer, first and last day, names.
    pub fn parts(&self) -> [String; 5] {
        let names = if self.names.is_empty() { "-".to_owned() } else { self.names.join(", ") };
        [self.subject.clone(), self.issuer.clone(), local_date_time(self.from), local_date_time(self.until), names]
    }
}

impl Seen {
    /// The certificates, as far as they can be read.
    pub fn chain(&self) -> Vec<Certificate> {
        let chain = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        chain.iter().filter_map(|der| Certificate::read(der)).collect()
    }
}

/// Notes the certificates and lets another verifier decide.
#[derive(Debug)]
pub struct Noting {
    /// Where they are noted.
    pub seen: Seen,
    /// Who decides.
    pub inner: Arc<dyn ServerCertVerifier>,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = [end_entity].into_iter().chain(intermediates).map(|der| der.to_vec()).collect();
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = chain;
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
