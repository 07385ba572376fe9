//! One client of the AWS SDK for Rust with all its defaults: a signed GetCallerIdentity per line.

use std::env;
use std::error::Error;
use std::io::{Write, stdin, stdout};

use aws_config::BehaviorVersion;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::runtime;

const MOST_SAID: usize = 2000;

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("the URL of STS")?;
    // With a thread of its own: connections must be looked after while this one waits for a line.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let client = runtime.block_on(connect(&url));
    for line in stdin().lines() {
        line?;
        writeln!(stdout(), "{}", runtime.block_on(ask(&client)))?;
    }
    Ok(())
}

async fn connect(url: &str) -> Client {
    let tls = Provider::Rustls(CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new().tls_provider(tls).build_https();
    let defaults = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    Client::from_conf(Builder::from(&defaults).endpoint_url(url).build())
}

async fn ask(client: &Client) -> String {
    match client.get_caller_identity().send().await {
        Ok(identity) => format!("{{\"arn\":{}}}", quote(identity.arn().unwrap_or_default())),
        Err(failure) => format!("{{\"error\":{}}}", quote(&explain(&failure))),
    }
}

/// What it says, and what those say that it comes from.
fn explain(failure: &dyn Error) -> String {
    let mut said = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        said.push_str(&format!(": {error}"));
        cause = error.source();
    }
    said
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars().take(MOST_SAID) {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
