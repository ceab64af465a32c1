# The server with its portals. Build: docker build -t acopio .   Settings: the ACOPIO_ variables of LEEME.md.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/acopio
# The dependencies first: they change seldom, and this layer is kept while they don't.
COPY requirements/base.txt requirements/
RUN /opt/acopio/bin/python -m pip install --require-hashes --only-binary :all: -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY sync_protocol/ sync_protocol/
COPY device_sim/ device_sim/
COPY web/ web/
COPY docs/ docs/
COPY server/ server/
RUN /opt/acopio/bin/python -m pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# A fixed number, so that the folders of the host can be given to it: chown 10001:10001.
RUN useradd --uid 10001 --user-group --home-dir /datos --no-create-home --shell /usr/sbin/nologin acopio \
 && install -d -m 0700 -o acopio -g acopio /datos /segunda-copia
COPY --from=build /opt/acopio /opt/acopio
ENV PATH=/opt/acopio/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ACOPIO_DATOS=/datos \
    ACOPIO_ESCUCHA=0.0.0.0:8000
USER acopio
WORKDIR /datos
VOLUME /datos
EXPOSE 8000
# http.client looks at no proxy variables: this question must never leave the container.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
puerto = int(os.environ['ACOPIO_ESCUCHA'].rpartition(':')[2]); \
c = http.client.HTTPConnection('127.0.0.1', puerto, timeout=4); \
c.request('GET', '/salud/vivo'); \
sys.exit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
CMD ["acopio", "serve"]
