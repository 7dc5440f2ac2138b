//! A device in a bucket of an object store that speaks the protocol of Amazon S3.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use eci_state::DeviceError;
use eci_text::{Text, text};
use futures::TryStreamExt as _;
use jiff::Timestamp;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
    RetryConfig,
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::transport::{RefusedRequest, Transport};
use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};

/// The folder of the states of workspaces.
const WORKSPACES: &str = "workspaces";

/// The way to request that an object must not exist yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3Dialect {
    /// `If-None-Match: *`, as Amazon S3 (API reference).
    #[default]
    Standard,
    /// `x-oss-forbid-overwrite: true`, as Alibaba Cloud OSS (API reference).
    Oss,
    /// `x-cos-forbid-overwrite: true`, as Tencent Cloud COS (published client).
    Cos,
}

impl S3Dialect {
    /// Returns the header that forbids an overwrite, where it is not the standard one.
    fn header(self) -> Option<&'static str> {
        match self {
            S3Dialect::Standard => None,
            S3Dialect::Oss => Some("x-oss-forbid-overwrite"),
            S3Dialect::Cos => Some("x-cos-forbid-overwrite"),
        }
    }
}

/// The place of a state in a bucket.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// The prefix of the names of all objects of the state.
    pub prefix: String,
    /// The address of the store: `https://jiangsu-10.zos.ctyun.cn`.
    pub endpoint: String,
    /// The region, which is part of signatures: `us-east-1` where the store has none.
    pub region: String,
    /// The access key.
    pub access_key: String,
    /// The secret key.
    pub secret_key: SecretString,
    /// The session token of temporary credentials.
    pub session_token: Option<SecretString>,
    /// The way to request a create.
    pub dialect: S3Dialect,
}

/// The keys with which requests to a store are signed.
#[derive(Clone, Debug)]
pub struct S3Credentials {
    /// The access key.
    pub access_key: String,
    /// The secret key.
    pub secret_key: SecretString,
}

impl S3Settings {
    /// Creates the settings of a state at the top of a bucket, in the region `us-east-1`, for a store with the
    /// standard dialect.
    pub fn new(
        endpoint: impl Into<String>,
        bucket: impl Into<String>,
        credentials: S3Credentials,
    ) -> S3Settings {
        S3Settings {
            bucket: bucket.into(),
            prefix: String::new(),
            endpoint: endpoint.into(),
            region: "us-east-1".to_owned(),
            access_key: credentials.access_key,
            secret_key: credentials.secret_key,
            session_token: None,
            dialect: S3Dialect::Standard,
        }
    }
}

/// A device in a bucket.
#[derive(Clone)]
pub struct S3Device {
    store: Arc<AmazonS3>,
    prefix: Path,
    location: String,
    mode: PutMode,
    bucket: String,
}

impl fmt::Debug for S3Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Device")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// Returns the error about an object store that denies access.
fn denied(cause: Text) -> DeviceError {
    let help = text!(
        en: "check `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` or `credentials_file`, and that they permit reading, writing, \
             listing, and deleting in the bucket",
        zh: "检查 `AWS_ACCESS_KEY_ID` 和 `AWS_SECRET_ACCESS_KEY` 或 `credentials_file`，以及其是否具有存储桶的读取、写入、列出和删除权限",
    );
    DeviceError::denied(cause, help)
}

impl S3Device {
    /// Creates a device.
    ///
    /// `http` must have a timeout.
    ///
    /// # Errors
    /// If the settings do not name a store.
    pub fn new(settings: S3Settings, http: reqwest::Client) -> Result<S3Device, DeviceError> {
        let S3Settings {
            bucket,
            prefix,
            endpoint,
            region,
            access_key,
            secret_key,
            session_token,
            dialect,
        } = settings;
        let endpoint = endpoint.trim_end_matches('/');
        let prefix = Path::parse(prefix.trim_matches('/')).map_err(|error| refused(&error))?;
        let location = format!("{endpoint}/{bucket}/{prefix}");
        let mut builder = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_bucket_name(&bucket)
            .with_region(region)
            .with_access_key_id(access_key)
            .with_secret_access_key(secret_key.expose_secret())
            // What other stores than Amazon's understand.
            .with_virtual_hosted_style_request(false)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_http_connector(Transport(http))
            // Repeating is the task of the log, which knows what a lost answer means.
            .with_retry(RetryConfig {
                max_retries: 0,
                ..RetryConfig::default()
            });
        if let Some(token) = &session_token {
            builder = builder.with_token(token.expose_secret());
        }
        let mut options = ClientOptions::new().with_allow_http(true);
        if let Some(name) = dialect.header() {
            let mut headers = http::HeaderMap::new();
            headers.insert(name, http::HeaderValue::from_static("true"));
            options = options.with_default_headers(headers);
        }
        let store = builder.with_client_options(options).build();
        Ok(S3Device {
            store: Arc::new(store.map_err(|error| refused(&error))?),
            prefix,
            location,
            mode: match dialect {
                S3Dialect::Standard => PutMode::Create,
                _ => PutMode::Overwrite,
            },
            bucket,
        })
    }

    fn path(&self, id: ObjectId) -> Path {
        Path::from(format!("{}/{id}", self.prefix))
    }

    fn no_bucket(&self) -> DeviceError {
        DeviceError::NotFound {
            what: text!(
                en: "bucket `{bucket}`",
                zh: "存储桶 `{bucket}` ",
                bucket = self.bucket
            ),
        }
    }

    fn failed(&self, error: Error) -> DeviceError {
        if let Some(refusal) = refusal(&error) {
            let cause = Text::of_error(refusal);
            return if refusal.has_no_bucket() {
                self.no_bucket()
            } else if refusal.is_denied() {
                denied(cause)
            } else {
                DeviceError::Refused { cause }
            };
        }
        let cause = Text::of_root_cause(&error);
        match error {
            Error::NotFound { .. } => self.no_bucket(),
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => denied(cause),
            Error::NotSupported { .. }
            | Error::NotImplemented { .. }
            | Error::InvalidPath { .. }
            | Error::UnknownConfigurationKey { .. } => DeviceError::Refused { cause },
            // Connections, timeouts, 5xx, 429: and whatever a proxy in between answers.
            _ => DeviceError::Unavailable { cause },
        }
    }
}

/// Returns the answer that says that a request is wrong, from an error of the library.
fn refusal<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a RefusedRequest> {
    let mut error = Some(error);
    while let Some(cause) = error {
        if let Some(refusal) = cause.downcast_ref() {
            return Some(refusal);
        }
        error = cause.source();
    }
    None
}

fn refused(error: &(dyn std::error::Error + 'static)) -> DeviceError {
    let cause = Text::of_root_cause(error);
    DeviceError::Refused { cause }
}

impl LogDevice for S3Device {
    fn location(&self) -> String {
        self.location.clone()
    }

    /// Creates an object for its date: a list or an error would not show the clock of the store reliably.
    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        Box::pin(async move {
            let probe = Path::from(format!("{}/clock/{}", self.prefix, Uuid::new_v4()));
            let put = self.store.put(&probe, PutPayload::new()).await;
            put.map_err(|error| self.failed(error))?;
            let about = self.store.head(&probe).await;
            let about = about.map_err(|error| self.failed(error))?;
            // What remains of it harms nothing.
            let _ = self.store.delete(&probe).await;
            timestamp(about.last_modified.timestamp())
        })
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        Box::pin(async move {
            let options = PutOptions::from(self.mode.clone());
            let path = self.path(id);
            match self.store.put_opts(&path, bytes.into(), options).await {
                Ok(_) => Ok(Creation::Created),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                    Ok(Creation::Exists)
                }
                Err(error) => Err(self.failed(error)),
            }
        })
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        Box::pin(async move {
            let got = match self.store.get(&self.path(id)).await {
                Err(Error::NotFound { .. }) => return Ok(None),
                got => got.map_err(|error| self.failed(error))?,
            };
            let created = timestamp(got.meta.last_modified.timestamp())?;
            let bytes = got.bytes().await.map_err(|error| self.failed(error))?;
            Ok(Some(StoredObject { bytes, created }))
        })
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        Box::pin(async move {
            let folder = Path::from(format!("{}/{}", self.prefix, series.name()));
            // Names sort as their numbers: a list begins after the name that precedes the first one.
            let listed = match from.checked_sub(1) {
                None => self.store.list(Some(&folder)),
                Some(before) => {
                    let offset = self.path(ObjectId::new(series, before));
                    self.store.list_with_offset(Some(&folder), &offset)
                }
            };
            let found: Vec<_> = listed
                .try_collect()
                .await
                .map_err(|error| self.failed(error))?;
            // The objects of a state whose prefix begins with this folder are deeper.
            let objects = found.iter().map(|about| &about.location);
            let objects = objects.filter(|it| {
                it.prefix_match(&folder)
                    .is_some_and(|rest| rest.count() == 1)
            });
            let names = objects.filter_map(Path::filename);
            let mut numbers: Vec<u64> = names.filter_map(ObjectId::number_of).collect();
            numbers.retain(|number| *number >= from);
            numbers.sort_unstable();
            Ok(numbers)
        })
    }

    fn workspace(&self, name: &str) -> Option<Arc<dyn LogDevice>> {
        Some(Arc::new(S3Device {
            prefix: Path::from(format!("{}/{WORKSPACES}/{name}", self.prefix)),
            location: format!("{}/{WORKSPACES}/{name}", self.location),
            ..self.clone()
        }))
    }

    fn workspaces(&self) -> DeviceFuture<'_, Vec<String>> {
        Box::pin(async move {
            let folder = Path::from(format!("{}/{WORKSPACES}", self.prefix));
            let listed = self.store.list_with_delimiter(Some(&folder)).await;
            let listed = listed.map_err(|error| self.failed(error))?;
            let names = listed.common_prefixes.iter();
            Ok(names
                .filter_map(Path::filename)
                .map(str::to_owned)
                .collect())
        })
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        Box::pin(async move {
            match self.store.delete(&self.path(id)).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(self.failed(error)),
            }
        })
    }
}

fn timestamp(seconds: i64) -> Result<Timestamp, DeviceError> {
    Timestamp::from_second(seconds).map_err(|error| refused(&error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_text::{In, Lang};

    use super::*;

    #[tokio::test]
    async fn a_bucket_that_is_down_is_reported_in_one_language() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let credentials = S3Credentials {
            access_key: "key".to_owned(),
            secret_key: "secret".to_owned().into(),
        };
        let settings = S3Settings::new(endpoint, "bucket", credentials);
        let device = S3Device::new(settings, crate::testing::http_client()).unwrap();
        let error = device.list(Series::Log, 0).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the store is unavailable: connection refused"
        );
        assert_eq!(In(&error, Lang::Zh).to_string(), "存储不可用：连接被拒绝");
    }
}
