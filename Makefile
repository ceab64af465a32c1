# The commands of the project. Each one does all the set-up it needs: `make demo` and `make test` work on a fresh clone.
.DEFAULT_GOAL := help
.PHONY: help demo test lint serve vectors bench bench-weak-line bench-portals bench-pipeline bench-mesa torture torture-tuberia e2e lock clean

VENV := .venv
BIN := $(VENV)/bin
# Further arguments for the command that a target runs: make demo ARGS=--once
ARGS ?=
# Processes for the tests: more than two cores have, since much of a test's time is another process's. Those in e2e/ go
# in groups, each with servers and a browser of its own.
JOBS ?= 4

help: ## esta lista
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: ## prepara todo y muestra seis teléfonos que entregan sus apoyos; deja el servidor andando (ARGS=--once: termina)
	@deploy/preparar-entorno base
	@$(BIN)/acopio demo $(ARGS)

test: ## prepara todo y corre las revisiones y las pruebas
	@deploy/preparar-entorno dev
	@deploy/preparar-navegador
	@deploy/preparar-compilador
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest tests -n $(JOBS)
	@$(BIN)/pytest e2e -n 3 --dist loadgroup

lint: ## estilo, tipos y reglas de importación
	@deploy/preparar-entorno dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

serve: ## inicia el servidor con las variables ACOPIO_ del entorno
	@deploy/preparar-entorno base
	@$(BIN)/acopio serve $(ARGS)

vectors: ## vuelve a generar los vectores del protocolo; falla si alguno cambió
	@deploy/preparar-entorno base
	@$(BIN)/python -m sync_protocol.vectors.generate
	@git diff --exit-code --stat sync_protocol/vectors

bench: ## mide la entrada de sobres frente a otros servidores
	@deploy/preparar-entorno dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" bench/ingest/run $(ARGS)

bench-weak-line: ## mide el envío por líneas malas frente a otras maneras de enviar
	@deploy/preparar-entorno dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" bench/weak_line/run $(ARGS)

bench-portals: ## mide los reportes y la consulta conforme crece la caja
	@deploy/preparar-entorno dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" bench/portals/run $(ARGS)

bench-mesa: ## mide la pantalla de revisión de la mesa de control, en el servidor y en el navegador
	@deploy/preparar-entorno dev
	@deploy/preparar-navegador
	@PATH="$(CURDIR)/$(BIN):$$PATH" bench/mesa/run $(ARGS)

bench-pipeline: ## mide lo que sigue al acuse: lectura de códigos y huellas, frente a cada biblioteca sola
	@deploy/preparar-entorno dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" bench/pipeline/run $(ARGS)

torture: ## diez mil fallos de disco, luz, reloj, línea y procesos, y la comparación de cada acuse; deja un informe
	@deploy/preparar-entorno dev
	@deploy/preparar-compilador
	@$(BIN)/python -m torture $(ARGS)

torture-tuberia: ## mil registros tras su acuse con kill -9 al azar, y lo que resulta frente a una caja en calma
	@deploy/preparar-entorno dev
	@ACOPIO_TORMENTA=1000 $(BIN)/pytest tests/server/pipeline/test_kill.py $(ARGS)

e2e: ## solo los recorridos en el navegador
	@deploy/preparar-entorno dev
	@deploy/preparar-navegador
	@$(BIN)/pytest e2e -n 3 --dist loadgroup $(ARGS)

lock: ## vuelve a escribir requirements/*.txt (ARGS=--upgrade: con las versiones más recientes)
	@requirements/escribir-candados $(ARGS)

clean: ## borra el entorno y lo que se puede volver a hacer; nunca datos
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
