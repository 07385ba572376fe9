"""One provider, and a call signed by it for each line of standard input. Arguments: the URL of STS, its authority."""

import io
import json
import os
import sys
from urllib.parse import urlsplit
from xml.etree import ElementTree

from awscrt.auth import AwsCredentialsProvider, AwsSigningAlgorithm, AwsSigningConfig, aws_sign_request
from awscrt.http import HttpClientConnection, HttpHeaders, HttpRequest
from awscrt.io import ClientTlsContext, TlsContextOptions

FORM = b"Action=GetCallerIdentity&Version=2011-06-15"
ARN = ".//{https://sts.amazonaws.com/doc/2011-06-15/}Arn"

endpoint, authority = urlsplit(sys.argv[1]), sys.argv[2]
options = TlsContextOptions()
options.override_default_trust_store_from_path(None, authority)
context = ClientTlsContext(options)
provider = AwsCredentialsProvider.new_default_chain()


def signed():
    headers = [
        ("Host", endpoint.netloc),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(FORM))),
    ]
    request = HttpRequest("POST", "/", HttpHeaders(headers), io.BytesIO(FORM))
    config = AwsSigningConfig(
        algorithm=AwsSigningAlgorithm.V4,
        credentials_provider=provider,
        region=os.environ["AWS_REGION"],
        service="sts",
    )
    return aws_sign_request(request, config).result()


def send(request):
    tls = context.new_connection_options()
    tls.set_server_name(endpoint.hostname)
    connection = HttpClientConnection.new(
        endpoint.hostname, endpoint.port or 443, tls_connection_options=tls
    ).result()
    body = bytearray()
    stream = connection.request(request, on_body=lambda chunk, **_: body.extend(chunk))
    stream.activate()
    status = stream.completion_future.result()
    connection.close()
    return status, body.decode()


def call():
    try:
        status, body = send(signed())
        if status == 200:
            return {"arn": ElementTree.fromstring(body).findtext(ARN)}
        return {"error": " ".join(f"status {status}: {body}".split())[:2000]}
    except Exception as error:
        return {"error": " ".join(f"{type(error).__name__}: {error}".split())[:2000]}


for _ in sys.stdin:
    print(json.dumps(call()), flush=True)
