//! Makes the host hold things, and forgets them: each command logs how many it got.

use std::fs::File;
use std::io;
use std::mem::forget;

use wasip2::http::types::{Fields, OutgoingBody, OutgoingRequest};
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
            count_until(number(count), || {
                Ok(forget(resolve_addresses(&network, name).map_err(|e| format!("{e:?}"))?))
            })
        }
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, words.join(" "))),
    };
    Ok(tell(&format!("{made} {end}")))
}

fn count_until(most: usize, mut make: impl FnMut() -> Result<(), String>) -> (usize, String) {
    for made in 0..most {
        if let Err(e) = make() {
            return (made, e);
        }
    }
    (most, String::new())
}
