//! How the crate is laid out: a folder for each job, which is named as its binary, and shared rooms below them. Imports run
//! one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules that each module imports from, by their paths below the crate's root.
type Imports = BTreeMap<String, BTreeSet<String>>;

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { source_files(&path) } else { vec![path] }).collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn jobs() -> BTreeSet<String> {
    let binaries = source_files(&source().join("bin"));
    binaries.iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// `webhook/mod.rs` is `webhook`, `webhook/verdict.rs` is `webhook::verdict`.
fn module(path: &Path) -> String {
    let path = path.strip_prefix(source()).unwrap().with_extension("");
    let path = path.to_str().unwrap().replace('/', "::");
    path.strip_suffix("::mod").unwrap_or(&path).to_owned()
}

fn imports() -> Imports {
    let files: BTreeMap<String, String> = source_files(&source())
        .into_iter()
        .filter(|path| !path.starts_with(source().join("bin")) && !path.ends_with("lib.rs"))
        .map(|path| (module(&path), fs::read_to_string(path).unwrap()))
        .collect();
    let modules: BTreeSet<String> = files.keys().cloned().collect();
    let imported = |(from, text): (&String, &String)| (from.clone(), imported(from, text, &modules));
    files.iter().map(imported).collect()
}

/// The modules that the text of a module names: in its `use` lines, or on the spot.
fn imported(from: &str, text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut paths = Vec::new();
    let mut statements = code.split(';').map(str::trim).filter_map(|code| {
        let start =
            if code.starts_with("use ") { 0 } else { code.rfind("\nuse ").or_else(|| code.find("pub use "))? };
        code[start..].split_once("use ").map(|(_, tree)| tree)
    });
    statements.by_ref().for_each(|tree| expand("", tree, &mut paths));
    for prefix in ["crate::", "super::"] {
        let rests = code.match_indices(prefix).map(|(start, _)| &code[start..]);
        let is_path = |char: char| char.is_alphanumeric() || char == '_' || char == ':';
        let found = rests.map(|rest| rest.chars().take_while(|char| is_path(*char)).collect::<String>());
        // A tree of them is a `use` line's.
        paths.extend(found.filter(|path| !path.ends_with("::")));
    }
    let named = paths.iter().filter_map(|path| resolve(from, path, modules));
    named.filter(|to| to != from).collect()
}

/// The paths of a tree such as `a::{b::C, d::{E, F}}`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        paths.push(format!("{prefix}{}", tree.trim()));
        return;
    };
    let prefix = format!("{prefix}{}", head.trim());
    let rest = rest.trim().strip_suffix('}').unwrap();
    let (mut depth, mut start) = (0, 0);
    for (at, char) in rest.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&prefix, &rest[start..at], paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    expand(&prefix, &rest[start..], paths);
}

/// The innermost module that a path leads through, if it leads to one of this crate.
fn resolve(from: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut segments = path.split("::").peekable();
    let mut module = match *segments.peek()? {
        "crate" => {
            segments.next();
            String::new()
        }
        "super" => {
            segments.next();
            from.rsplit_once("::").map(|(parent, _)| parent.to_owned()).unwrap_or_default()
        }
        _ => from.to_owned(),
    };
    for segment in segments {
        let inner = if module.is_empty() { segment.to_owned() } else { format!("{module}::{segment}") };
        if !modules.contains(&inner) {
            break;
        }
        module = inner;
    }
    (!module.is_empty()).then_some(module)
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

/// What stands in each other's way, if anything does: the first leads to the second, and so on back to the first.
fn circle(imports: &Imports) -> Option<Vec<&str>> {
    fn search<'a>(imports: &'a Imports, at: &'a str, way: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>) -> bool {
        if let Some(start) = way.iter().position(|before| *before == at) {
            way.drain(..start);
            return true;
        }
        if !done.insert(at) {
            return false;
        }
        way.push(at);
        if imports.get(at).is_some_and(|next| next.iter().any(|next| search(imports, next, way, done))) {
            return true;
        }
        way.pop();
        false
    }
    let (mut way, mut done) = (Vec::new(), BTreeSet::new());
    imports.keys().any(|module| search(imports, module, &mut way, &mut done)).then_some(way)
}

/// The imports of each room, a folder or a file beside `lib.rs`, from others.
fn between_rooms(imports: &Imports) -> Imports {
    let mut rooms = Imports::new();
    for (from, to) in imports {
        let others = to.iter().map(|to| room(to)).filter(|to| *to != room(from)).map(str::to_owned);
        rooms.entry(room(from).to_owned()).or_default().extend(others);
    }
    rooms
}

#[test]
fn the_imports_of_every_kind_are_seen() {
    let modules = ["a", "a::b", "c", "c::d", "c::e", "f"].map(str::to_owned).into();
    let text = "mod b;\n//! crate::f\nuse std::fmt;\n\nuse crate::c::{d::{X, Y}, e::Z};\npub use b::B;\n\
        fn g() { crate::f::g() }";
    assert_eq!(imported("a", text, &modules), ["a::b", "c::d", "c::e", "f"].map(str::to_owned).into());
    assert_eq!(imported("c::d", "use super::e::{\n    X,\n    Y,\n};\n", &modules), ["c::e".to_owned()].into());
    let all = imports();
    assert!(all["webhook"].contains("webhook::verdict") && all["webhook::verdict"].contains("message::topic_message"));
    assert!(all.len() > 40 && all.values().flatten().count() > 100);
}

#[test]
fn no_shared_room_imports_a_job_and_no_job_another() {
    let (jobs, rooms) = (jobs(), between_rooms(&imports()));
    assert!(jobs.len() >= 5 && jobs.iter().all(|job| rooms.contains_key(job)), "each binary has its folder");
    for (from, to) in &rooms {
        let wrong: Vec<_> = to.intersection(&jobs).collect();
        assert!(wrong.is_empty(), "{from} imports {wrong:?}");
    }
}

#[test]
fn no_imports_run_in_a_circle() {
    let imports = imports();
    assert_eq!(circle(&imports), None);
    assert_eq!(circle(&between_rooms(&imports)), None);
    let ring = [("a", "b"), ("b", "c"), ("c", "b")].map(|(from, to)| (from.to_owned(), [to.to_owned()].into()));
    assert_eq!(circle(&Imports::from(ring)), Some(vec!["b", "c"]));
}
