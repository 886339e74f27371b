//! Generates the code of the gRPC service, and notices a page that was built, or built anew, since the last release
//! build.

use std::error::Error;
use std::path::PathBuf;

use tonic_prost_build::FileDescriptorSet;

/// The service, and where its path begins.
const PROTO: &str = "stepflow/v1/blobs.proto";
const PROTO_ROOT: &str = "proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build reads the page from the disk when it is asked for; a release build holds it, and watching a folder
    // that may be missing makes cargo build this package every time, so only the build that needs it watches.
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../www/dist");
    }
    println!("cargo::rerun-if-changed={PROTO_ROOT}");
    generate()
}

/// Compiles the service without `protoc`: its description for reflection, and its code.
fn generate() -> Result<(), Box<dyn Error>> {
    let mut descriptors = protox::compile([PROTO], [PROTO_ROOT])?;
    let out_dir = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out_dir.join("descriptors.bin"), prost::Message::encode_to_vec(&descriptors))?;

    leave_values_encoded(&mut descriptors);
    tonic_prost_build::configure().build_transport(false).compile_fds(descriptors)?;
    Ok(())
}

/// Makes every field that is a `google.protobuf.Value` one of bytes, which is the same on the wire: the code of messages
/// then hands values out as they came, and they become JSON without a tree in between.
fn leave_values_encoded(descriptors: &mut FileDescriptorSet) {
    use prost_types::field_descriptor_proto::Type;

    descriptors.file.retain(|file| file.package() == "stepflow.v1");
    for file in &mut descriptors.file {
        file.dependency.clear();
        for field in file.message_type.iter_mut().flat_map(|message| &mut message.field) {
            if field.type_name() == ".google.protobuf.Value" {
                field.set_type(Type::Bytes);
                field.type_name = None;
            }
        }
    }
}
