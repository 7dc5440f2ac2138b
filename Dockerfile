# Two images of eci, for x86_64 and aarch64:
#
#   docker build --tag eci .                     the program alone
#   docker build --target ci --tag eci:ci .      with a shell and git, for the jobs of a pipeline
#
# dist/amd64/eci and dist/arm64/eci are static programs; CONTRIBUTING.md says how they are built.

FROM alpine:3.22 AS ci
ARG TARGETARCH=amd64
RUN apk add --no-cache ca-certificates git
COPY --chmod=755 dist/${TARGETARCH}/eci /usr/local/bin/eci
RUN ln -s eci /usr/local/bin/eci-plan && ln -s eci /usr/local/bin/eci-apply
ENV ECI_INPUT=0
WORKDIR /work

# Certificates and an unprivileged user, and neither a shell nor a package manager.
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETARCH=amd64
COPY --chmod=755 dist/${TARGETARCH}/eci /usr/local/bin/eci
ENV ECI_INPUT=0
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/eci"]
