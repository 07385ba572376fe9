# The identity providers of the suite: an OAuth 2.0 server and a SAML 2.0 one, each a bundle of what the tests use
# (test/e2e/support/idpImage.ts lays them beside this file).
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE}
COPY oidc.mjs saml.mjs /app/
USER 1000:1000
ENTRYPOINT ["node"]
