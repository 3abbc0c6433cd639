//! Says what it was given, and exits with 3; with the argument `sleep` it sleeps for ever.

use std::io::Read;

fn main() {
    let argument = std::env::args().nth(1).unwrap_or_default();
    if argument == "sleep" {
        std::thread::sleep(std::time::Duration::MAX);
    }
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("input");
    println!("{argument} in {} read {input}", std::env::var("REGION").unwrap_or_default());
    std::process::exit(3);
}
