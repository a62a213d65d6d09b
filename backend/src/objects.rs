//! Objects: documents by content address, and the ledger's public tiles. A local folder by default, any
//! S3-compatible service in production, both behind `object_store`.
//!
//! A local write is durable when it is acknowledged: written to a temporary file beside its place, synced,
//! renamed, and the folder synced. Spooled uploads live in `spool/` of the data folder in either case.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart,
    aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory, path::Path as Key,
};
use tokio::{fs, io::AsyncReadExt};

mod overlay;
mod sync;

use crate::error::{Error, Result};

/// Where objects are kept.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// The same store, acknowledging a write before it is durable. Other than a folder it makes no difference.
    hasty: Arc<dyn ObjectStore>,
    /// The folder behind `store`, when it is a folder: lets a finished upload be moved instead of copied.
    folder: Option<PathBuf>,
    spool: PathBuf,
    /// Where files of the intake wait for their last byte. Unlike the spool it outlives a restart: the database knows each.
    intake: PathBuf,
}

/// A bucket of an S3-compatible service and how to reach it. Not `Debug`: it holds a secret.
#[derive(Clone)]
pub struct Bucket {
    pub name: String,
    /// Without one, the region's of AWS.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
}

impl Bucket {
    fn client(&self) -> anyhow::Result<Arc<dyn ObjectStore>> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_retry(retries());
        if let Some(endpoint) = &self.endpoint {
            // Services inside an office's network often have no certificate; the operator writes http:// then.
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        Ok(Arc::new(builder.build().context("--s3-bucket")?))
    }
}

/// A short outage is waited out; a longer one is told to whoever waits, instead of holding a request for minutes. The
/// sequencer loads its state and tries again by itself.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
        max_retries: 4,
        retry_timeout: Duration::from_secs(15),
    }
}

impl Objects {
    /// A folder: objects below `DIR/objects`, spool in `DIR/spool`.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn folder(data: &Path) -> anyhow::Result<Self> {
        let folder = data.join("objects");
        let (spool, intake) = Self::waiting_rooms(data)?;
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("--data: {} cannot be made", folder.display()))?;
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        let hasty = LocalFileSystem::new_with_prefix(&folder)?;
        Ok(Self {
            store: Arc::new(store),
            hasty: Arc::new(hasty),
            folder: Some(folder.canonicalize()?),
            spool,
            intake,
        })
    }

    /// Local folders for what is not an object yet, whatever the store.
    fn waiting_rooms(data: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
        let (spool, intake) = (data.join("spool"), data.join("intake"));
        std::fs::create_dir_all(&spool)?;
        std::fs::create_dir_all(&intake)?;
        Ok((spool.canonicalize()?, intake.canonicalize()?))
    }

    /// Any other store (S3-compatible), with a local spool.
    ///
    /// # Errors
    /// When the spool cannot be made.
    pub fn remote(store: Arc<dyn ObjectStore>, data: &Path) -> anyhow::Result<Self> {
        let (spool, intake) = Self::waiting_rooms(data)?;
        Ok(Self { hasty: Arc::clone(&store), store, folder: None, spool, intake })
    }

    /// Where a document with this SHA-256 lives.
    #[must_use]
    pub fn blob_key(sha256: &[u8]) -> Key {
        let name = hex::encode(sha256);
        let shard = name.get(..2).unwrap_or("00").to_owned();
        Key::from_iter(["blobs", "sha256", &shard, &name])
    }

    /// A bucket of an S3-compatible service, with a local spool.
    ///
    /// # Errors
    /// When the options do not make a client, or the spool cannot be made.
    pub fn s3(bucket: &Bucket, data: &Path) -> anyhow::Result<Self> {
        Self::remote(bucket.client()?, data)
    }

    /// The objects of an instance that is only looked at: nothing is made, and nothing may be written through this.
    ///
    /// # Errors
    /// When there are none.
    pub fn folder_to_read(data: &Path) -> anyhow::Result<Self> {
        let folder = data.join("objects");
        let store: Arc<dyn ObjectStore> = Arc::new(
            LocalFileSystem::new_with_prefix(&folder)
                .with_context(|| format!("--data: there is no folder {}", folder.display()))?,
        );
        Ok(Self {
            hasty: Arc::clone(&store),
            store,
            folder: None,
            spool: data.join("spool"),
            intake: data.join("intake"),
        })
    }

    /// As [`Self::folder_to_read`], in a bucket.
    ///
    /// # Errors
    /// When the options do not make a client.
    pub fn s3_to_read(bucket: &Bucket, data: &Path) -> anyhow::Result<Self> {
        let store = bucket.client()?;
        Ok(Self {
            hasty: Arc::clone(&store),
            store,
            folder: None,
            spool: data.join("spool"),
            intake: data.join("intake"),
        })
    }

    /// The same objects as seen through a layer of replacements: what is [`Self::put`] here is seen here and nowhere else,
    /// and [`Self::remove`] takes a replacement away again. Nothing reaches the store below.
    #[must_use]
    pub fn replaceable(&self) -> Self {
        let overlay: Arc<dyn ObjectStore> =
            Arc::new(overlay::Overlay { below: Arc::clone(&self.store), above: InMemory::new() });
        Self { hasty: Arc::clone(&overlay), store: overlay, folder: None, ..self.clone() }
    }

    /// A fresh spool file's path.
    #[must_use]
    pub fn spool_path(&self, id: uuid::Uuid) -> PathBuf {
        self.spool.join(id.to_string())
    }

    /// Where a file of the intake collects its bytes.
    #[must_use]
    pub fn intake_path(&self, id: uuid::Uuid) -> PathBuf {
        self.intake.join(id.to_string())
    }

    /// The files that wait in the intake, by the id in their names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn intake_files(&self) -> Result<Vec<(uuid::Uuid, PathBuf)>> {
        let mut found = Vec::new();
        let mut entries = fs::read_dir(&self.intake).await?;
        while let Some(entry) = entries.next_entry().await? {
            if let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                found.push((id, entry.path()));
            }
        }
        Ok(found)
    }

    /// Moves a spooled, already synced file to its key. A file that is already there has the same content and
    /// stays.
    ///
    /// # Errors
    /// When the store cannot promise durability.
    pub async fn adopt(&self, spooled: &Path, key: &Key) -> Result<()> {
        if let Some(folder) = &self.folder {
            let target = folder.join(key.as_ref());
            let parent = target.parent().unwrap_or(folder).to_owned();
            if !fs::try_exists(&parent).await? {
                fs::create_dir_all(&parent).await?;
                sync_folder(parent.parent().unwrap_or(folder)).await?;
            }
            fs::rename(spooled, &target).await?;
            sync_folder(&parent).await
        } else {
            let mut file = fs::File::open(spooled).await?;
            let mut upload = WriteMultipart::new(self.store.put_multipart(key).await?);
            let mut buffer = vec![0; 1 << 20];
            loop {
                let n = file.read(&mut buffer).await?;
                if n == 0 {
                    break;
                }
                upload.wait_for_capacity(4).await?;
                upload.write(buffer.get(..n).unwrap_or_default());
            }
            upload.finish().await?;
            fs::remove_file(spooled).await?;
            Ok(())
        }
    }

    /// Writes a small object, durably; writing it again is fine.
    ///
    /// # Errors
    /// When the store cannot promise durability.
    pub async fn put(&self, key: &Key, bytes: impl Into<Bytes>) -> Result<()> {
        self.store.put(key, PutPayload::from_bytes(bytes.into())).await?;
        Ok(())
    }

    /// Writes a small object that the caller can write again after a crash: it is durable only once [`Self::settle`] was told
    /// its key. Readers see it whole or not at all, as long as nothing crashes.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn put_hastily(&self, key: &Key, bytes: impl Into<Bytes>) -> Result<()> {
        self.hasty.put(key, PutPayload::from_bytes(bytes.into())).await?;
        Ok(())
    }

    /// Makes what [`Self::put_hastily`] wrote durable, with the names that lead to it. What is not there any more is fine.
    ///
    /// # Errors
    /// When the file system cannot promise that.
    pub async fn settle(&self, keys: &[Key]) -> Result<()> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let keys: Vec<Key> = keys.to_vec();
        tokio::task::spawn_blocking(move || sync::files_and_names(&folder, &keys))
            .await
            .map_err(Error::internal)?
            .map_err(Error::from)
    }

    /// Reads a small object whole.
    ///
    /// # Errors
    /// [`Error::NotFound`], or the store's failure.
    pub async fn get(&self, key: &Key) -> Result<Bytes> {
        Ok(self.store.get(key).await?.bytes().await?)
    }

    /// Reads an object as a stream, with its size in bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`], or the store's failure.
    pub async fn stream(&self, key: &Key) -> Result<(u64, BoxStream<'static, Result<Bytes>>)> {
        let found = self.store.get(key).await?;
        let size = found.meta.size;
        Ok((size, found.into_stream().map(|chunk| chunk.map_err(Error::from)).boxed()))
    }

    /// Removes an object; one that is not there is fine.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn remove(&self, key: &Key) -> Result<()> {
        match self.store.delete(key).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Everything below a prefix, with sizes; for `fsck`.
    pub fn list(&self, prefix: &Key) -> BoxStream<'static, Result<(Key, u64)>> {
        self.store
            .list(Some(prefix))
            .map(|meta| meta.map(|m| (m.location, m.size)).map_err(Error::from))
            .boxed()
    }

    /// Removes what a crash left in the spool. Nothing there was acknowledged.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn clear_spool(&self) -> Result<usize> {
        let mut removed = 0;
        let mut entries = fs::read_dir(&self.spool).await?;
        while let Some(entry) = entries.next_entry().await? {
            fs::remove_file(entry.path()).await?;
            removed += 1;
        }
        Ok(removed)
    }
}

async fn sync_folder(folder: &Path) -> Result<()> {
    fs::File::open(folder).await?.sync_all().await?;
    Ok(())
}
