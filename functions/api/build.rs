//! Packs what the console's pages load, once: under names that change with their content, so that
//! browsers keep them for ever, and ready to be sent as it is.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const ASSETS: [&str; 3] = ["console.css", "console.js", "embed.js"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or("cargo says where to write")?;
    let mut code = String::new();
    for name in ASSETS {
        let path = Path::new("assets").join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read(&path)?;
        let digest: String = Sha256::digest(&text)[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        fs::write(out.join(format!("{name}.br")), packed(&text)?)?;
        let constant = name.to_uppercase().replace('.', "_");
        let kind = match name.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            _ => "text/javascript; charset=utf-8",
        };
        let absolute = fs::canonicalize(&path)?;
        code.push_str(&format!(
            "pub(super) const {constant}: Asset = Asset {{ name: \"{digest}-{name}\", kind: \"{kind}\", \
             text: include_bytes!({absolute:?}), packed: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.br\")) }};\n"
        ));
    }
    fs::write(out.join("assets.rs"), code)?;
    Ok(())
}

fn packed(text: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packer = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    packer.write_all(text)?;
    Ok(packer.into_inner())
}
