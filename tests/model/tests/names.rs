//! The model's prose names the functions that it is a model of. Each of them must exist, or the
//! prose describes code that is gone.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A function and what it belongs to: a type, or the module that it is free in.
type Name = (String, String);

#[test]
fn every_function_that_the_prose_names_exists() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = model.ancestors().nth(2).expect("the project");
    let product = ["functions", "shared"].map(|room| sources(&project.join(room)));
    let known: BTreeSet<Name> = product
        .iter()
        .flatten()
        .flat_map(|file| names(file))
        .collect();
    let prose = sources(&model.join("src"));
    let named: BTreeSet<Name> = prose.iter().flat_map(|file| named_in(file)).collect();
    assert!(named.len() > 20, "the prose was not found: {named:?}");
    let gone: Vec<_> = named.difference(&known).collect();
    assert!(gone.is_empty(), "no function of the product: {gone:?}");
}

/// The Rust files of a directory and those below it, but for tests.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory of the project");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let paths = paths.filter(|path| stem(path) != "tests");
    let files = paths.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
    files.filter(is_source).collect()
}

/// The functions that a file defines, and the file itself as a module of its crate. rustfmt puts
/// what is outside of everything, and only that, into the first column.
fn names(file: &Path) -> Vec<Name> {
    let text = fs::read_to_string(file).expect("a source");
    let module = stem(file);
    let mut owner = module.clone();
    let mut names = vec![(crate_of(file), module.clone())];
    for line in text.lines() {
        match line.strip_prefix("impl") {
            Some(block) => owner = type_of(block),
            None if line.starts_with('}') => owner.clone_from(&module),
            None => {}
        }
        if let Some((_, rest)) = line.split_once("fn ")
            && !line.trim_start().starts_with("//")
        {
            names.push((owner.clone(), identifier(rest)));
        }
    }
    names
}

/// `Store {`, `<T> Batch<T> {` and `From<A> for B {` are blocks of `Store`, `Batch` and `B`.
fn type_of(block: &str) -> String {
    let subject = block.split(" for ").last().unwrap_or_default();
    let subject = subject.strip_prefix('<').map_or(subject, |rest| {
        rest.split_once("> ").map_or(rest, |(_, subject)| subject)
    });
    identifier(subject.trim_start())
}

/// The last two parts of the paths in backticks that are no links: those are rustdoc's to check.
fn named_in(file: &Path) -> Vec<Name> {
    let text = fs::read_to_string(file).expect("a source");
    let mut named = Vec::new();
    for line in text.lines() {
        let Some((_, comment)) = line.split_once("//") else {
            continue;
        };
        let parts: Vec<_> = comment.split('`').collect();
        for pair in parts.chunks_exact(2) {
            let [before, path] = pair else { continue };
            if before.ends_with('[') || !path.chars().all(is_part_of_path) {
                continue;
            }
            if let Some((owner, function)) = path.rsplit_once("::")
                && function.starts_with(char::is_lowercase)
            {
                let owner = owner.rsplit("::").next().unwrap_or(owner);
                named.push((owner.to_owned(), function.to_owned()));
            }
        }
    }
    named
}

fn is_part_of_path(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

fn identifier(text: &str) -> String {
    let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
    text.chars().take_while(is_part).collect()
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}

fn crate_of(file: &Path) -> String {
    let source = file.ancestors().find(|path| path.ends_with("src"));
    let name = source.and_then(Path::parent).and_then(Path::file_name);
    name.unwrap_or_default().to_string_lossy().into()
}
