//! A store with some objects replaced: reads see the replacement where there is one, and whatever is written stays in
//! memory. What lies below can be read through this and never be changed, so that a drill may alter a live instance's
//! objects, in a folder or in a bucket, without a copy of them and without any risk to them.

use std::{fmt, ops::Range, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, memory::InMemory, path::Path as Key,
};

/// See the module.
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) below: Arc<dyn ObjectStore>,
    pub(super) above: InMemory,
}

impl fmt::Display for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Overlay({})", self.below)
    }
}

#[async_trait]
impl ObjectStore for Overlay {
    async fn put_opts(&self, key: &Key, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.above.put_opts(key, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        key: &Key,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.above.put_multipart_opts(key, options).await
    }

    async fn get_opts(&self, key: &Key, options: GetOptions) -> Result<GetResult> {
        match self.above.get_opts(key, options.clone()).await {
            Err(Error::NotFound { .. }) => self.below.get_opts(key, options).await,
            found => found,
        }
    }

    async fn get_ranges(&self, key: &Key, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        match self.above.get_ranges(key, ranges).await {
            Err(Error::NotFound { .. }) => self.below.get_ranges(key, ranges).await,
            found => found,
        }
    }

    /// Takes replacements away; the original shows again.
    fn delete_stream(&self, keys: BoxStream<'static, Result<Key>>) -> BoxStream<'static, Result<Key>> {
        self.above.delete_stream(keys)
    }

    /// As it is below: a replacement has its original's name.
    fn list(&self, prefix: Option<&Key>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.below.list(prefix).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Key>) -> Result<ListResult> {
        self.below.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Key, to: &Key, options: CopyOptions) -> Result<()> {
        self.above.copy_opts(from, to, options).await
    }
}
