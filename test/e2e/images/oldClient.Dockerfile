# The suite's app with an SDK from before token files: boto3 of November 2023, unmodified, in a folder of its own.
ARG CLIENT_IMAGE=lanyard-client:e2e
FROM ${CLIENT_IMAGE}
COPY oldClient.requirements.txt /tmp/old.txt
USER 0
RUN python3 -m venv /opt/old \
  && /opt/old/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/old.txt
USER 1000:1000
