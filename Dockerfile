# Gigasite in a small image, the command line and the service: Debian's own Python, packages from the lock with hashes, no root,
# no compiler.
#
#   docker build -t gigasite .
#   docker run --rm -v "$PWD/out:/out" gigasite example stargate -o stargate
#   docker run --rm -v "$PWD/out:/out" gigasite plan stargate/request.yaml -o stargate-plan
#
# The service, with PostgreSQL and any number of workers, is in compose.yaml. One container of it, with a key and SQLite:
#
#   docker run --rm -v gigasite:/out --entrypoint python3 gigasite -m api.service.http.keys add /out/keys.json me
#   docker run --rm --read-only --tmpfs /tmp -v gigasite:/out -p 127.0.0.1:8000:8000 \
#       -e GIGASITE_KEYS_FILE=/out/keys.json gigasite serve --host 0.0.0.0
#
# It runs with --read-only, too (best with --tmpfs /tmp): only /out is written. The folder behind /out must be writable for
# user 10001, or start the container as yourself (--user "$(id -u):$(id -g)").
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*

FROM base AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3-pip \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv --without-pip /opt/venv
WORKDIR /src
COPY requirements.lock ./
RUN pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r requirements.lock
COPY . ./
# The build tools are in the lock, for this step; the program does not need them.
RUN pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
    && pip --python /opt/venv/bin/python uninstall --yes --quiet hatchling editables trove-classifiers \
    && find /opt/venv -type d -name tests -path '*/site-packages/*' -prune -exec rm -rf {} +

FROM base
LABEL org.opencontainers.image.title="Gigasite" \
      org.opencontainers.image.description="A planner for physical AI data-center capacity" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/venv /opt/venv
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin gigasite \
    && install --directory --owner gigasite --group gigasite /out
# /out is the working folder, where temporary files go when /tmp is not writable; caches go to /tmp, not among the results.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER gigasite
WORKDIR /out
VOLUME /out
EXPOSE 8000
ENTRYPOINT ["gigasite"]
CMD ["--help"]
