//! Makes the host hold things, and forgets them: each command logs how many it got.

use std::mem::forget;

use crate::wasi::filesystem::types::{DescriptorFlags, OpenFlags};
use crate::wasi::http::types::{ErrorCode, Fields, Method, Request};
use crate::{files, net, poll_once, say, wit_future};

pub async fn run(words: &[&str]) {
    let number = |word: &str| word.parse::<usize>().unwrap();
    let debug = |e: &dyn std::fmt::Debug| format!("{e:?}");
    let (made, end) = match *words {
        ["fields", count, bytes] => {
            let value = vec![b'x'; number(bytes)];
            until(number(count), async || {
                let fields = Fields::new();
                fields.append("a", &value).map_err(|e| debug(&e))?;
                Ok(forget(fields))
            })
            .await
        }
        ["lists", count, bytes] => {
            let list = [("a".to_owned(), vec![b'x'; number(bytes)])];
            until(number(count), async || Ok(forget(Fields::from_list(&list).map_err(|e| debug(&e))?))).await
        }
        ["header", name] => until(1, async || Fields::new().append(name, b"x").map_err(|e| debug(&e))).await,
        ["paths", count, bytes] => {
            let path = format!("/{}", "x".repeat(number(bytes)));
            until(number(count), async || {
                let request = request();
                request.set_path_with_query(Some(&path)).map_err(|()| "refused".to_owned())?;
                Ok(forget(request))
            })
            .await
        }
        ["methods", count, bytes] => {
            let method = Method::Other("x".repeat(number(bytes)));
            until(number(count), async || {
                let request = request();
                request.set_method(&method).map_err(|()| "refused".to_owned())?;
                Ok(forget(request))
            })
            .await
        }
        ["handles", count] => until(number(count), async || Ok(forget(Fields::new()))).await,
        ["files", count, path] => {
            let open = async || files::open(path, OpenFlags::empty(), DescriptorFlags::READ).await;
            until(number(count), async || open().await.map(forget)).await
        }
        ["reading", count, path] => until(number(count), async || files::reading(path).await).await,
        ["directories", count, path] => until(number(count), async || files::listing(path).await).await,
        ["receiving", count, address] => {
            until(number(count), async || net::receiving(address).await.map_err(|e| e.to_string())).await
        }
        ["datagrams", count] => {
            let socket: &'static _ = Box::leak(Box::new(net::datagrams().unwrap()));
            until(number(count), async || {
                let mut receiving = Box::pin(socket.receive());
                assert!(poll_once(receiving.as_mut()).is_none());
                Ok(forget(receiving))
            })
            .await
        }
        ["write", path, bytes] => files::write(path, number(bytes), false).await,
        ["append", path, bytes] => files::write(path, number(bytes), true).await,
        ["resize", path, bytes] => until(1, async || files::resize(path, number(bytes) as u64).await).await,
        ["new-directories", count, path] => {
            let mut names = (0..).map(|i: u32| format!("{path}{i}"));
            until(number(count), async || files::make_directory(&names.next().unwrap()).await).await
        }
        // Fails: each name is there already, or its directory is not.
        ["old-directories", count, path] => {
            for _ in 0..number(count) {
                files::make_directory(path).await.unwrap_err();
            }
            (0, String::new())
        }
        ["path-of", bytes] => {
            until(1, async || files::read(&format!("/{}", "x".repeat(number(bytes)))).await.map(drop)).await
        }
        _ => panic!("no such things: {words:?}"),
    };
    say(&format!("{made} {end}"));
}

fn request() -> Request {
    let (_, trailers) = wit_future::new::<Result<Option<Fields>, ErrorCode>>(|| Ok(None));
    Request::new(Fields::new(), None, trailers, None).0
}

async fn until(most: usize, mut make: impl AsyncFnMut() -> Result<(), String>) -> (usize, String) {
    for made in 0..most {
        if let Err(e) = make().await {
            return (made, e);
        }
    }
    (most, String::new())
}
