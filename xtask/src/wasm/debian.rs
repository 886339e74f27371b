//! A compiler for WebAssembly from Debian's packages, for machines that reach no more than a package mirror.
//!
//! Debian builds a recent Rust for its web browsers: `rustc-web`, and the source of its standard library,
//! `rust-web-src`. The packages are unpacked into the user's cache, not installed; the standard library is compiled
//! once for `wasm32-unknown-unknown`, in the way of Rust's own bootstrap. Only the wasm build uses that compiler.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::build::cargo_home;
use super::toolchain::{TARGET, has_target};
use crate::step;
use crate::tools::command::Tool;
use crate::tools::{apt, cargo};
use crate::workspace;

/// Names the way in which the compiler is put together; a change of it makes the cached ones useless.
const RECIPE: &str = "wasm-toolchain-1";

/// The oldest compiler that can build the workspace.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Starts a program of the unpacked packages with their libraries.
const WRAPPER: &str = r#"#!/bin/sh
d=$(dirname "$(dirname "$(readlink -f "$0")")")
LD_LIBRARY_PATH="$(echo "$d"/usr/lib/*-linux-gnu)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$d/usr/bin/$(basename "$0")" "$@"
"#;

/// Starts lld under the name and from the directory where rustc looks for its linker.
const LINKER: &str = r#"#!/bin/sh
d=$(cd "$(dirname "$(readlink -f "$0")")/../../../../.." && pwd)
LD_LIBRARY_PATH="$(echo "$d"/usr/lib/*-linux-gnu)" exec "$d/usr/lib/llvm-MAJOR/bin/lld" "$@"
"#;

/// The packages that make the compiler, and their one version.
struct Packages {
    version: String,
    std: String,
    llvm: String,
}

/// Returns the compiler, which is built where the cache has none.
///
/// # Errors
///
/// A sentence where this is not Debian, or its packages cannot be fetched; else the failure of a step.
pub fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(rustc) = cached()? {
        return Ok(rustc);
    }
    ensure!(apt::is_here(), "this is not Debian: there is no apt-get and no dpkg-deb");
    let cache = directory()?;
    fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let _lock = workspace::lock(&cache)?;
    // Whoever held the lock may have built it.
    if let Some(rustc) = cached()? {
        return Ok(rustc);
    }
    step::step("wasm toolchain from Debian's packages (once, a few minutes)", || build(&cache))
}

/// The newest compiler in the cache, if it can build the workspace.
///
/// # Errors
///
/// When there is no cache directory.
pub fn cached() -> anyhow::Result<Option<PathBuf>> {
    let Ok(entries) = fs::read_dir(directory()?) else {
        return Ok(None);
    };
    let compilers = entries.flatten().filter_map(|entry| Some((release(entry.file_name().to_str()?)?, entry.path())));
    let newest = compilers.filter(|(version, _)| Some(version) >= release(OLDEST).as_ref()).max();
    Ok(newest.map(|(_, path)| path.join("bin/rustc")).filter(|rustc| has_target(rustc.as_os_str())))
}

fn directory() -> anyhow::Result<PathBuf> {
    Ok(workspace::cache()?.join(RECIPE))
}

/// The numbers at the beginning of a version: `1.96.0+dfsg1-1~deb12u2` is 1, 96, 0.
fn release(version: &str) -> Option<Vec<u32>> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    version[..end].split('.').map(|number| number.parse().ok()).collect()
}

fn build(cache: &Path) -> anyhow::Result<PathBuf> {
    // Everything is made here and renamed when it is whole. The lock is held, so what is here is from a run that died.
    let work = cache.join("work");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    }
    let packages = fetch(&work.join("packages"))?;
    let toolchain = work.join("toolchain");
    unpack(&work.join("packages"), &toolchain, &work.join("source"))?;
    wrap(&toolchain)?;
    let host = host(&toolchain, &packages)?;
    link(&toolchain, &host, &packages)?;
    compile_std(&toolchain, &work, &packages)?;

    let rustc = toolchain.join("bin/rustc");
    ensure!(has_target(rustc.as_os_str()), "the compiler made from Debian's packages has no {TARGET}");
    let finished = cache.join(&packages.version);
    if finished.exists() {
        fs::remove_dir_all(&finished).with_context(|| format!("cannot remove {}", finished.display()))?;
    }
    fs::rename(&toolchain, &finished).with_context(|| format!("cannot create {}", finished.display()))?;
    fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    Ok(finished.join("bin/rustc"))
}

/// Downloads the packages; where apt does not know them, or knows them no more, with fresh package lists.
fn fetch(directory: &Path) -> anyhow::Result<Packages> {
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let attempt = || {
        let packages = packages()?;
        download(&packages, directory)?;
        anyhow::Ok(packages)
    };
    match attempt() {
        Ok(packages) => Ok(packages),
        Err(error) => {
            step::note(&format!("{error:#}; fetching apt's package lists anew"));
            apt::update()?;
            attempt()
        }
    }
}

fn packages() -> anyhow::Result<Packages> {
    let version =
        apt::candidate("rust-web-src").context("apt knows no package rust-web-src, of Debian's security suite")?;
    ensure!(release(&version) >= release(OLDEST), "apt's rust-web-src is {version}, and isoblob needs {OLDEST}");
    let find = |package: &str, prefix: &str| {
        let dependency = apt::dependency(package, &version, prefix);
        dependency.with_context(|| format!("apt knows no {prefix}… that {package} {version} depends on"))
    };
    let std = find("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = find(&std, "libllvm")?;
    Ok(Packages { version, std, llvm })
}

impl Packages {
    /// The number in LLVM's package name, which is the linker's too.
    fn llvm_major(&self) -> &str {
        self.llvm.trim_start_matches("libllvm")
    }
}

fn download(packages: &Packages, directory: &Path) -> anyhow::Result<()> {
    let Packages { version, std, llvm } = packages;
    let of_rust = ["rustc-web", "libstd-rust-web-dev", std, "rust-web-src"].map(|name| format!("{name}={version}"));
    let of_llvm = [llvm.clone(), format!("lld-{}", packages.llvm_major())];
    apt::download(of_rust.into_iter().chain(of_llvm), directory)
}

/// Unpacks the packages; of the compiler's source, which is large, the standard library alone.
fn unpack(packages: &Path, toolchain: &Path, source: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(source).with_context(|| format!("cannot create {}", source.display()))?;
    for entry in fs::read_dir(packages)? {
        let package = entry?.path();
        if package.file_name().is_some_and(|name| name.to_string_lossy().starts_with("rust-web-src_")) {
            let tar = Tool::new("tar").args(["--extract", "--wildcards", "./usr/src/*/library"]).directory(source);
            Tool::new("dpkg-deb").arg("--fsys-tarfile").arg(&package).run_into(tar)?;
        } else {
            Tool::new("dpkg-deb").arg("--extract").arg(&package).arg(toolchain).run()?;
        }
    }
    Ok(())
}

fn wrap(toolchain: &Path) -> anyhow::Result<()> {
    for program in ["rustc", "rustdoc"] {
        write_program(&toolchain.join("bin").join(program), WRAPPER)?;
    }
    Ok(())
}

/// The triple of this machine, which also shows that the compiler starts; its libraries are installed where it lacks some.
fn host(toolchain: &Path, packages: &Packages) -> anyhow::Result<String> {
    let ask = || Tool::new(toolchain.join("bin/rustc")).arg("-vV").read();
    let answer = ask().or_else(|error| {
        step::note(&format!("{error:#}; installing the libraries that {} brings", packages.llvm));
        apt::install(&[&packages.llvm])?;
        ask()
    })?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.with_context(|| format!("rustc -vV names no host: {answer}"))?.to_owned())
}

fn link(toolchain: &Path, host: &str, packages: &Packages) -> anyhow::Result<()> {
    let linker = toolchain.join("usr/lib/rustlib").join(host).join("bin/rust-lld");
    write_program(&linker, &LINKER.replace("MAJOR", packages.llvm_major()))?;
    Tool::new(linker).args(["-flavor", "wasm", "--version"]).read().context("Debian's linker does not start").map(drop)
}

fn write_program(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        fs::create_dir_all(path.parent().expect("a program is in a directory"))?;
        fs::write(path, text)?;
        fs::set_permissions(path, Permissions::from_mode(0o755))
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Compiles the standard library and puts it where the compiler looks for it.
fn compile_std(toolchain: &Path, work: &Path, packages: &Packages) -> anyhow::Result<()> {
    let library = library(&work.join("source/usr/src"))?;
    let target = work.join("target");
    let flags = [
        // Marks these crates as the compiler's own: without it every use of them is "use of unstable library feature".
        "-Zforce-unstable-if-unmarked".to_owned(),
        // Link-time optimization of what uses them needs it.
        "-Cembed-bitcode=yes".to_owned(),
        format!("--remap-path-prefix={}=/rust/library", library.display()),
        format!("--remap-path-prefix={}=/cargo", cargo_home()?.display()),
    ];
    let unwanted = ["RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];
    unwanted
        .into_iter()
        .fold(cargo::command(), Tool::without_env)
        .directory(&library)
        .args(["build", "--manifest-path", "sysroot/Cargo.toml", "--release", "--locked", "--target", TARGET])
        .env("RUSTC", toolchain.join("bin/rustc"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env("CARGO_TARGET_DIR", &target)
        .env("__CARGO_DEFAULT_LIB_METADATA", format!("debian-{}", packages.version))
        .run()?;

    let made = target.join(TARGET).join("release/deps");
    let home = toolchain.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    for entry in fs::read_dir(&made).with_context(|| format!("cannot read {}", made.display()))? {
        let file = entry?;
        if file.path().extension().is_some_and(|extension| extension == "rlib" || extension == "rmeta") {
            fs::copy(file.path(), home.join(file.file_name())).context("cannot copy the standard library")?;
        }
    }
    Ok(())
}

/// The one directory `rustc-<version>/library` of the source package.
fn library(sources: &Path) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(sources).with_context(|| format!("cannot read {}", sources.display()))?;
    let found = entries.flatten().map(|entry| entry.path().join("library")).find(|path| path.join("sysroot").is_dir());
    match found {
        Some(library) => Ok(library),
        None => bail!("rust-web-src has no library/sysroot in {}", sources.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_as_numbers() {
        for (version, numbers) in [
            ("1.96.0+dfsg1-1~deb12u2", Some(vec![1, 96, 0])),
            ("1.95", Some(vec![1, 95])),
            ("work", None),
            ("1..2", None),
            ("", None),
        ] {
            assert_eq!(release(version), numbers, "{version:?}");
        }
        assert!(release("1.100.0+dfsg1") > release("1.96.0"));
        assert!(release("1.95.0+dfsg1") >= release("1.95"));
        assert!(release("1.85.0+dfsg3") < release("1.95"));
    }

    #[test]
    fn the_linker_is_of_the_same_llvm() {
        let packages = Packages { version: "1".into(), std: "s".into(), llvm: "libllvm22".into() };
        assert_eq!(packages.llvm_major(), "22");
    }
}
