# Caseclock as `caseclock run` and `caseclock board` need it: against real Kafka and ClickHouse, without the embedded ones.
# Every package in the version and with the hash of requirements.lock, as scripts/setup.sh installs them.
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY scripts/uv.lock scripts/
RUN python -m venv /tools && /tools/bin/pip install --require-hashes --requirement scripts/uv.lock

COPY pyproject.toml requirements.lock ./
RUN /tools/bin/uv venv --python /usr/local/bin/python3 /opt/caseclock \
 && /tools/bin/uv pip install --python /opt/caseclock/bin/python --only-binary :all: \
      --constraints requirements.lock --requirement pyproject.toml

COPY README.md LICENSE ./
COPY schemas schemas
COPY streams streams
COPY sinks sinks
COPY dashboards dashboards
COPY caseclock caseclock
RUN /tools/bin/uv pip install --python /opt/caseclock/bin/python --no-deps --compile-bytecode \
      --build-constraints requirements.lock .

FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="Caseclock" \
      org.opencontainers.image.description="The live clock of a public administration" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin caseclock
COPY --from=build /opt/caseclock /opt/caseclock

ENV PATH=/opt/caseclock/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CASECLOCK_BOARD__LISTEN=0.0.0.0:8080
WORKDIR /tmp
USER 10001:10001
EXPOSE 8080

# A board and a worker both answer here: the board on its own address, the worker on CASECLOCK_HEALTH__LISTEN.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz/ready', timeout=4)"]

ENTRYPOINT ["caseclock"]
CMD ["run"]
