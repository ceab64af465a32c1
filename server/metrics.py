"""Prometheus metrics, in one catalogue. No label ever carries a person, a folio or a device."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()

TAKEN = Counter("acopio_sobres_tomados", "Sobres nuevos tomados", registry=REGISTRY)
REPEATED = Counter("acopio_sobres_repetidos", "Sobres que ya se tenían: se dio el mismo acuse", registry=REGISTRY)
REFUSED = Counter("acopio_sobres_rechazados", "Sobres rechazados, por código", ["codigo"], registry=REGISTRY)
CUT = Counter("acopio_subidas_cortadas", "Subidas cuya línea se cortó antes del final", registry=REGISTRY)
RESUMED = Counter(
    "acopio_subidas_reanudadas", "Subidas que continuaron desde una posición mayor que cero", registry=REGISTRY
)
RECEIVED_BYTES = Counter("acopio_bytes_recibidos", "Bytes de sobres recibidos", registry=REGISTRY)
SESSIONS = Counter("acopio_sesiones", "Sesiones de envío abiertas", registry=REGISTRY)
ALTAS = Counter("acopio_dispositivos_alta", "Altas de dispositivo", registry=REGISTRY)
MAIL = Counter("acopio_correos", "Correos, por resultado", ["resultado"], registry=REGISTRY)
# padron
PADRON = Counter("acopio_padron_preguntas", "Preguntas al padrón, por resultado", ["resultado"], registry=REGISTRY)
PADRON_PAUSE = Gauge(
    "acopio_padron_en_pausa", "1 si el servicio del padrón no se consulta por ahora", registry=REGISTRY
)
GROUP_SIZE = Histogram(
    "acopio_grupo_operaciones",
    "Operaciones por confirmación",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=REGISTRY,
)
GROUP_SECONDS = Histogram(
    "acopio_grupo_segundos", "Duración de cada parte de una confirmación", ["parte"], registry=REGISTRY
)
REQUESTS = Counter("acopio_solicitudes", "Solicitudes HTTP, por ruta y estado", ["ruta", "estado"], registry=REGISTRY)
SECOND_COPY_PENDING = Gauge("acopio_segunda_copia_pendientes", "Lotes sin segunda copia", registry=REGISTRY)
SECOND_COPY_UP = Gauge("acopio_segunda_copia_disponible", "1 si la segunda copia responde", registry=REGISTRY)
SECOND_COPY_AGE = Gauge(
    "acopio_segunda_copia_confirmada_hace_segundos",
    "Segundos desde que la segunda copia confirmó algo por última vez",
    registry=REGISTRY,
)
SECOND_COPY_FAILURES = Counter(
    "acopio_segunda_copia_fallas", "Intentos fallidos de la segunda copia, por motivo", ["motivo"], registry=REGISTRY
)
SECOND_COPY_FINDINGS = Counter(
    "acopio_segunda_copia_hallazgos", "Lotes que no coincidían con su segunda copia", ["clase"], registry=REGISTRY
)
REPLICA_UP = Gauge("acopio_replica_disponible", "1 si la réplica del índice está al día", registry=REGISTRY)
REPLICA_LAG = Gauge(
    "acopio_replica_retraso_segundos", "Antigüedad de lo último que la réplica tiene con certeza", registry=REGISTRY
)
REPLICA_STARTS = Counter("acopio_replica_arranques", "Veces que se inició Litestream", registry=REGISTRY)
WRITER_WAITING = Gauge("acopio_escritor_en_espera", "Operaciones que esperan al escritor", registry=REGISTRY)
MAIL_PENDING = Gauge("acopio_correos_pendientes", "Correos por enviar", registry=REGISTRY)
DISK_FREE = Gauge("acopio_disco_libre_bytes", "Espacio libre en la carpeta de datos", registry=REGISTRY)
BODY_MEMORY = Gauge("acopio_cuerpos_en_memoria_bytes", "Bytes de cuerpos que aún no se escriben", registry=REGISTRY)
CHECKERS = Gauge("acopio_revisores", "Procesos que revisan sobres", registry=REGISTRY)
CHECKERS_LOST = Counter(
    "acopio_revisores_perdidos", "Procesos revisores que terminaron sin que se les pidiera", registry=REGISTRY
)
GATE_ACTIVE = Gauge("acopio_puerta_subidas", "Subidas que tienen lugar ahora", registry=REGISTRY)
GATE_WAITING = Gauge("acopio_puerta_en_espera", "Subidas que esperan lugar en la puerta", registry=REGISTRY)
GATE_OUTSIDE = Gauge("acopio_puerta_citados", "Teléfonos a los que se pidió volver y aún no entran", registry=REGISTRY)
GATE_LONGEST = Gauge(
    "acopio_puerta_espera_mayor_segundos", "Espera del teléfono que lleva más tiempo sin entrar", registry=REGISTRY
)
GATE_REFUSED = Counter(
    "acopio_puerta_rechazos", "Subidas a las que se pidió volver, por motivo", ["motivo"], registry=REGISTRY
)
# the pipeline
JOBS_WAITING = Gauge(
    "acopio_trabajos_en_espera", "Registros que esperan un paso, por etapa", ["etapa"], registry=REGISTRY
)
QUARANTINE = Gauge(
    "acopio_trabajos_en_cuarentena", "Registros cuyo trabajo se dejó hasta que alguien lo vea", registry=REGISTRY
)
PROCESS = ProcessCollector(registry=REGISTRY)
