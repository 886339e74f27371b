//! [`Capabilities`]: what a runtime offers.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::{BlobApiUrl, PROTOCOL_VERSION};
use crate::members::{as_string, pick_members};
use crate::rpc::MessageError;
use crate::rpc::{json_string, shape};

/// What a runtime offers a component server when it initializes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Where blobs are. Without it a component that puts or gets a blob fails.
    pub blob_api_url: Option<BlobApiUrl>,
    /// The bytes of JSON past which a field of an input or output is replaced by a reference to a blob of it; 0: never.
    pub blob_threshold: u64,
}

impl Capabilities {
    /// The `params` of `initialize`.
    pub(super) fn to_params(&self) -> String {
        let mut members = Vec::new();
        if let Some(url) = &self.blob_api_url {
            members.push(format!(r#""blobApiUrl":{}"#, json_string(url.as_str())));
        }
        if self.blob_threshold > 0 {
            members.push(format!(r#""blobThreshold":{}"#, self.blob_threshold));
        }
        let mut params = format!(r#"{{"runtimeProtocolVersion":{PROTOCOL_VERSION},"capabilities":{{"#);
        write!(params, "{}}}}}", members.join(",")).expect("a string takes what is written");
        params
    }

    /// Reads the `params` of `initialize`. What is null counts as left out; members that are not known are left alone.
    pub(super) fn from_params(params: &str) -> Result<Self, MessageError> {
        let keys = ["runtimeProtocolVersion", "capabilities"];
        let [version, capabilities] = pick_members(params, keys)?.unwrap_or_default();
        if version.and_then(|version| version.parse::<u64>().ok()).is_none() {
            return Err(shape("`initialize` must have a `runtimeProtocolVersion`, a whole number"));
        }
        let Some(capabilities) = given(capabilities) else { return Ok(Self::default()) };
        let keys = ["blobApiUrl", "blobThreshold"];
        let [url, threshold] =
            pick_members(capabilities, keys)?.ok_or_else(|| shape("`capabilities` must be an object"))?;
        let blob_api_url = given(url).map(read_url).transpose()?;
        let blob_threshold = given(threshold).map_or(Some(0), |threshold| threshold.parse().ok());
        let blob_threshold = blob_threshold.ok_or_else(|| shape("`blobThreshold` must be a whole number"))?;
        Ok(Self { blob_api_url, blob_threshold })
    }
}

fn read_url(value: &str) -> Result<BlobApiUrl, MessageError> {
    let text = as_string(value).ok_or_else(|| shape("`blobApiUrl` must be a string"))?;
    text.parse().map_err(|error| shape(format!("`blobApiUrl` is not one: {error}")))
}

fn given(value: Option<&str>) -> Option<&str> {
    value.filter(|value| *value != "null")
}
