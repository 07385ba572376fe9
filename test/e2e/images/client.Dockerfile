# What the suite's apps are: the AWS CLI and boto3 as PyPI has them, unmodified, and a shell; and ss, by which a suite cuts connections.
#   docker build -t lanyard-client:e2e -f test/e2e/images/client.Dockerfile test/e2e/images
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends iproute2 python3 python3-venv \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY client.requirements.txt /tmp/requirements.txt
RUN python3 -m venv /opt/aws \
  && /opt/aws/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt \
  && rm /tmp/requirements.txt
ENV PATH=/opt/aws/bin:$PATH
# Numbers, since `runAsNonRoot` looks at nothing else.
USER 1000:1000
WORKDIR /tmp
