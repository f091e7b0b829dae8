//! The values of secrets, and the file that outlives the platform.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Values by name.
pub(super) struct Kept {
    texts: BTreeMap<String, String>,
    file: Option<PathBuf>,
}

impl Kept {
    /// What is in the file, if it is there yet.
    pub(super) fn open(file: Option<PathBuf>) -> Result<Self> {
        let texts = match file.as_deref().filter(|file| file.exists()) {
            Some(file) => read(file)
                .with_context(|| format!("cannot read the secrets in {}", file.display()))?,
            None => BTreeMap::new(),
        };
        Ok(Kept { texts, file })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub(super) fn put(&mut self, name: &str, text: String) -> Result<()> {
        self.texts.insert(name.to_owned(), text);
        match &self.file {
            Some(file) => write(&self.texts, file)
                .with_context(|| format!("cannot keep the secrets in {}", file.display())),
            None => Ok(()),
        }
    }
}

fn read(file: &Path) -> Result<BTreeMap<String, String>> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

fn write(texts: &BTreeMap<String, String>, file: &Path) -> Result<()> {
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let fresh = file.with_extension("new");
    let mut options = OpenOptions::new();
    // For nobody else's eyes.
    let mut open = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    open.write_all(&serde_json::to_vec_pretty(texts)?)?;
    // The file is whole at any time, whatever interrupts us.
    Ok(std::fs::rename(&fresh, file)?)
}
