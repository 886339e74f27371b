//! Notices a page that was built, or built anew, since the last release build.
//!
//! A debug build reads the page from the disk when it is asked for; a release build holds it, and watching a folder
//! that may be missing makes cargo build this package every time, so only the build that needs it watches.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../www/dist");
    }
}
