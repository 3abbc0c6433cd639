//! Makes the host hold things, and forgets them: each command logs how many it got.

use std::fs::File;
use std::io::{self, Write};
use std::mem::forget;
use std::net::{TcpListener, TcpStream};

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use wasip2::http::types::{Fields, Method, OutgoingBody, OutgoingRequest};
use wasip2::random::random::get_random_bytes;
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;

use super::tell;

pub fn run(words: &[&str]) -> io::Result<()> {
    let number = |word: &str| word.parse::<usize>().unwrap();
    let (made, end) = match *words {
        ["fields", count, bytes] => {
            let value = vec![b'x'; number(bytes)];
            count_until(number(count), || {
                let fields = Fields::new();
                fields.append("a", &value).map_err(|e| format!("{e:?}"))?;
                Ok(forget(fields))
            })
        }
        // Drops what it made.
        ["passing-fields", count, bytes] => {
            let value = vec![b'x'; number(bytes)];
            count_until(number(count), || {
                let fields = Fields::new();
                fields.append("a", &value).map_err(|e| format!("{e:?}"))?;
                fields.clone().set("b", &[value.clone()]).map_err(|e| format!("{e:?}"))
            })
        }
        ["lists", count, bytes] => {
            let list = [("a".to_owned(), vec![b'x'; number(bytes)])];
            count_until(number(count), || Ok(forget(Fields::from_list(&list).map_err(|e| format!("{e:?}"))?)))
        }
        ["header", name] => count_until(1, || Fields::new().append(name, b"x").map_err(|e| format!("{e:?}"))),
        ["paths", count, bytes] => {
            let path = format!("/{}", "x".repeat(number(bytes)));
            count_until(number(count), || {
                let request = OutgoingRequest::new(Fields::new());
                request.set_path_with_query(Some(&path)).map_err(|()| "refused".to_owned())?;
                Ok(forget(request))
            })
        }
        ["methods", count, bytes] => {
            let method = Method::Other("x".repeat(number(bytes)));
            count_until(number(count), || {
                let request = OutgoingRequest::new(Fields::new());
                request.set_method(&method).map_err(|()| "refused".to_owned())?;
                Ok(forget(request))
            })
        }
        ["bodies", count] => count_until(number(count), || {
            let request = OutgoingRequest::new(Fields::new());
            let body: OutgoingBody = request.body().unwrap();
            let stream = body.write().unwrap();
            let room = stream.check_write().map_err(|e| format!("{e:?}"))?;
            stream.write(&vec![b'x'; room as usize]).map_err(|e| format!("{e:?}"))?;
            Ok(forget((request, body, stream)))
        }),
        ["handles", count] => count_until(number(count), || Ok(forget(Fields::new()))),
        ["files", count, path] => {
            count_until(number(count), || Ok(forget(File::open(path).map_err(|e| e.to_string())?)))
        }
        ["directories", count, path] => {
            count_until(number(count), || Ok(forget(std::fs::read_dir(path).map_err(|e| e.to_string())?)))
        }
        ["look-ups", count, name] => {
            let network = instance_network();
            count_until(number(count), || Ok(forget(resolve_addresses(&network, name).map_err(|e| format!("{e:?}"))?)))
        }
        // The accepted side of each connection is kept, and the other one not.
        ["accepted", count, address] => {
            let listener = TcpListener::bind(address)?;
            let address = listener.local_addr()?;
            count_until(number(count), || {
                drop(TcpStream::connect(address).map_err(|e| e.to_string())?);
                Ok(forget(listener.accept().map_err(|e| e.to_string())?))
            })
        }
        ["write", path, bytes] => written(File::create(path)?, number(bytes)),
        ["append", path, bytes] => written(File::options().create(true).append(true).open(path)?, number(bytes)),
        ["resize", path, bytes] => {
            let file = File::options().create(true).append(true).open(path)?;
            count_until(1, || file.set_len(number(bytes) as u64).map_err(|e| e.to_string()))
        }
        ["new-directories", count, path] => {
            let mut names = (0..).map(|i: u32| format!("{path}{i}"));
            count_until(number(count), || std::fs::create_dir(names.next().unwrap()).map_err(|e| e.to_string()))
        }
        // Fails: each name is there already, or its directory is not.
        ["old-directories", count, path] => {
            (0..number(count)).for_each(|_| drop(std::fs::create_dir(path).unwrap_err()));
            (0, String::new())
        }
        // More than a stream allows at once.
        ["stream", name, bytes] => {
            let (root, _) = &get_directories()[0];
            let file = root
                .open_at(PathFlags::empty(), name, OpenFlags::CREATE, DescriptorFlags::WRITE)
                .map_err(|e| io::Error::other(e.to_string()))?;
            let stream = file.write_via_stream(0).map_err(|e| io::Error::other(e.to_string()))?;
            stream.check_write().map_err(|e| io::Error::other(format!("{e:?}")))?;
            count_until(1, || stream.write(&vec![b'x'; number(bytes)]).map_err(|e| format!("{e:?}")))
        }
        ["random", bytes] => (get_random_bytes(number(bytes) as u64).len(), String::new()),
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, words.join(" "))),
    };
    Ok(tell(&format!("{made} {end}")))
}

/// Writes in pieces of 10,000 bytes and returns how many bytes that were.
fn written(mut file: File, bytes: usize) -> (usize, String) {
    let mut left = bytes;
    let (_, end) = count_until(bytes.div_ceil(10_000), || {
        let piece = left.min(10_000);
        file.write_all(&vec![b'x'; piece]).map_err(|e| e.to_string())?;
        Ok(left -= piece)
    });
    (bytes - left, end)
}

fn count_until(most: usize, mut make: impl FnMut() -> Result<(), String>) -> (usize, String) {
    for made in 0..most {
        if let Err(e) = make() {
            return (made, e);
        }
    }
    (most, String::new())
}
