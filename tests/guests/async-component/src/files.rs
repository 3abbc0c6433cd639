//! Files by wasi:filesystem of WASI 0.3. Errors are text.

use crate::wasi::filesystem::preopens::get_directories;
use crate::wasi::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use crate::wit_stream;

fn text(code: ErrorCode) -> String {
    format!("{code:?}")
}

/// Returns the directory that was granted for a path, and the rest of the path.
fn granted(path: &str) -> Result<(Descriptor, &str), String> {
    get_directories()
        .into_iter()
        .find_map(|(directory, name)| Some((directory, path.strip_prefix(&name)?)))
        .map(|(directory, rest)| (directory, rest.trim_start_matches('/')))
        .map(|(directory, rest)| (directory, if rest.is_empty() { "." } else { rest }))
        .ok_or_else(|| "no directory was granted".to_owned())
}

pub async fn open(path: &str, flags: OpenFlags, mode: DescriptorFlags) -> Result<Descriptor, String> {
    let (directory, rest) = granted(path)?;
    directory.open_at(PathFlags::empty(), rest.to_owned(), flags, mode).await.map_err(text)
}

pub async fn read(path: &str) -> Result<String, String> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ).await?;
    let (bytes, end) = file.read_via_stream(0);
    let bytes = bytes.collect().await;
    end.await.map_err(text)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Opens a file and keeps only a stream of it.
pub async fn reading(path: &str) -> Result<(), String> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ).await?;
    Ok(std::mem::forget(file.read_via_stream(0)))
}

pub async fn names(path: &str) -> Result<Vec<String>, String> {
    let directory = open(path, OpenFlags::DIRECTORY, DescriptorFlags::READ).await?;
    let (entries, end) = directory.read_directory();
    let mut names: Vec<_> = entries.collect().await.into_iter().map(|entry| entry.name).collect();
    end.await.map_err(text)?;
    names.sort();
    Ok(names)
}

/// Opens a directory and does not read it.
pub async fn listing(path: &str) -> Result<(), String> {
    let directory = open(path, OpenFlags::DIRECTORY, DescriptorFlags::READ).await?;
    Ok(std::mem::forget(directory.read_directory()))
}

/// Writes in pieces of 10,000 bytes, and returns how many bytes that were.
pub async fn write(path: &str, bytes: usize, appends: bool) -> (usize, String) {
    let flags = if appends { OpenFlags::CREATE } else { OpenFlags::CREATE | OpenFlags::TRUNCATE };
    let file = match open(path, flags, DescriptorFlags::WRITE).await {
        Ok(file) => file,
        Err(e) => return (0, e),
    };
    let (mut writer, pieces) = wit_stream::new::<u8>();
    let end = if appends { file.append_via_stream(pieces) } else { file.write_via_stream(pieces, 0) };
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(10_000);
        let rest = writer.write_all(vec![b'x'; piece]).await.len();
        left -= piece - rest;
        if rest > 0 {
            break;
        }
    }
    drop(writer);
    (bytes - left, end.await.err().map_or(String::new(), text))
}

pub async fn resize(path: &str, size: u64) -> Result<(), String> {
    let file = open(path, OpenFlags::CREATE, DescriptorFlags::WRITE).await?;
    file.set_size(size).await.map_err(text)
}

pub async fn make_directory(path: &str) -> Result<(), String> {
    let (root, rest) = granted(path)?;
    root.create_directory_at(rest.to_owned()).await.map_err(text)
}
