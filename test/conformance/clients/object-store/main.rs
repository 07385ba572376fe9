//! The credentials of one object_store with all its defaults, which sign a GetCallerIdentity per line: it has no call of
//! STS itself, but the signature for it and the HTTP client.

use std::env;
use std::error::Error;
use std::io::{Write, stdin, stdout};

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use object_store::ClientOptions;
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsAuthorizer};
use object_store::client::{HttpClient, HttpConnector, HttpRequest, ReqwestConnector};
use rustls::crypto::ring;
use tokio::runtime;

const MOST_SAID: usize = 2000;
const CALL: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

type Failure = Box<dyn Error>;

struct Client {
    store: AmazonS3,
    http: HttpClient,
    url: String,
    region: String,
}

fn main() -> Result<(), Failure> {
    ring::default_provider().install_default().map_err(|_| "another provider of TLS")?;
    // With a thread of its own: connections must be looked after while this one waits for a line.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let client = connect(env::args().nth(1).ok_or("the URL of STS")?)?;
    for line in stdin().lines() {
        line?;
        let answer = match runtime.block_on(ask(&client)) {
            Ok(arn) => format!("{{\"arn\":{}}}", quote(&arn)),
            Err(failure) => format!("{{\"error\":{}}}", quote(&failure.to_string())),
        };
        writeln!(stdout(), "{answer}")?;
    }
    Ok(())
}

fn connect(url: String) -> Result<Client, Failure> {
    let store = AmazonS3Builder::from_env().with_bucket_name("bucket").build()?;
    let http = ReqwestConnector::default().connect(&ClientOptions::new())?;
    let region = env::var("AWS_REGION")?;
    Ok(Client { store, http, url, region })
}

async fn ask(client: &Client) -> Result<String, Failure> {
    let held = client.store.credentials().get_credential().await?;
    let mut request = HttpRequest::new(CALL.to_owned().into());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = client.url.parse()?;
    request.headers_mut().insert(CONTENT_TYPE, FORM);
    AwsAuthorizer::new(&held, "sts", &client.region).try_authorize(&mut request, None)?;
    let response = client.http.execute(request).await?;
    let status = response.status();
    let body = response.into_body().bytes().await?;
    let body = String::from_utf8_lossy(&body);
    arn_in(&body).ok_or_else(|| format!("{status}: {body}").into())
}

fn arn_in(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<Arn>")?;
    let (arn, _) = rest.split_once("</Arn>")?;
    Some(arn.to_owned())
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
