//! Passes on to the linker in which order the functions of the handlers lie, where `scripts/build-handler.sh` says so. Elsewhere it
//! does nothing: not every linker takes GNU ld's scripts.

use std::env;

const FUNCTION_ORDER: &str = "FUNCTION_ORDER";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={FUNCTION_ORDER}");
    if let Ok(script) = env::var(FUNCTION_ORDER) {
        println!("cargo::rerun-if-changed={script}");
        println!("cargo::rustc-link-arg-bins=-T");
        println!("cargo::rustc-link-arg-bins={script}");
    }
}
