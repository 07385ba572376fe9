# Lanyard's images: docs/image.md says what is in them, and how releases pin both bases by digest.
#   docker build -t lanyard .                             the product
#   docker build -t lanyard:slim --target slim .          the same, but most pods' sidecar is without the AWS SDK
#   docker build -t lanyard-testbed --target testbed .    the STS of tests and examples (docs/testbed.md)
#   docker build -o . --target sbom .                     what is in the product's bundles (CycloneDX)
ARG NODE_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

# JavaScript is the same for every platform, so it is built on the builder's own. Builders that know no BUILDPLATFORM
# have one platform: `linux` is that.
FROM --platform=${BUILDPLATFORM:-linux} ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No install script is needed here: Node is there, and esbuild's binary is a package of its own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The time of all files, in seconds since 1970: of the same sources the same image (docs/image.md).
ARG SOURCE_DATE_EPOCH=0
RUN SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} node scripts/image.ts /image

FROM scratch AS sbom
COPY --from=build /image/product/sbom/ /

FROM ${RUNTIME_IMAGE} AS runtime
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="lanyard" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# Express tells its callers of stack traces unless it is told that this is production.
ENV NODE_ENV=production
# The buffers of reads, of 64 kB each, go back to the system once they are free.
ENV MALLOC_MMAP_THRESHOLD_=16384
# For programs with --use-openssl-ca: a file for each public authority, of which one is read, in place of one file of all.
ENV SSL_CERT_DIR=/app/authorities
ENV SSL_CERT_FILE=/app/authorities/none
WORKDIR /app
# The product's own: any container of the same uid could read the sidecar's files where processes are shared.
USER 29797:29797
ENTRYPOINT ["/nodejs/bin/node"]

FROM runtime AS testbed
LABEL org.opencontainers.image.title="lanyard-testbed" \
      org.opencontainers.image.description="An STS that verifies, for tests of AWS federation: never for production"
COPY --from=build /image/testbed/ /
ENTRYPOINT ["/nodejs/bin/node", "/app/testbed.cjs"]
CMD ["--help"]

FROM runtime AS lanyard
LABEL org.opencontainers.image.description="AWS credentials for Kubernetes pods by identity federation, without any key"
# Pods name their own command; whoever just runs the image is told how.
CMD ["/app/webhook.cjs", "--help"]

FROM lanyard AS slim
LABEL org.opencontainers.image.title="lanyard-slim"
COPY --from=build /image/slim/ /

FROM lanyard AS product
COPY --from=build /image/product/ /
