//! Reading an input file within limits.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Problems;

/// The largest input file in bytes, 16 MiB: far above any scenario, far below what hurts.
pub const SIZE_LIMIT: u64 = 16 << 20;

/// Reads a whole file as text, and not more than [`SIZE_LIMIT`] of it.
///
/// # Errors
/// If it cannot be read, is a directory, is too large, or is not UTF-8.
pub fn read_file(path: &Path) -> Result<String, Box<Problems>> {
    let name = path.display().to_string();
    let refuse = |message: String, help: &str| {
        Err(Box::new(Problems::of_file(&name, message, Some(help.to_owned()))))
    };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            return refuse(format!("cannot open the file: {error}"), "is the path right?");
        }
    };
    let mib = |bytes: u64| bytes / (1 << 20);
    if let Ok(metadata) = file.metadata() {
        if metadata.is_dir() {
            return refuse("this is a directory, not a file".to_owned(), "name a file in it");
        }
        if metadata.len() > SIZE_LIMIT {
            let size = mib(metadata.len());
            return refuse(
                format!("the file has {size} MiB; at most {} are read", mib(SIZE_LIMIT)),
                "is this the right file?",
            );
        }
    }
    // A pipe or a device has no size beforehand, so the reading is limited as well.
    let mut bytes = Vec::new();
    if let Err(error) = (&mut file).take(SIZE_LIMIT + 1).read_to_end(&mut bytes) {
        return refuse(format!("cannot read the file: {error}"), "is the path right?");
    }
    if bytes.len() as u64 > SIZE_LIMIT {
        return refuse(
            format!("the file has more than {} MiB", mib(SIZE_LIMIT)),
            "is this the right file?",
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..good].split(|&byte| byte == b'\n').count();
            refuse(
                format!(
                    "the file is not UTF-8 text: line {line} has a byte that cannot stand there"
                ),
                "is this the right file?",
            )
        }
    }
}
