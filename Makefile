# Each target makes the environment first (bin/bootstrap): bash, make, git and any Python from 3.9 on suffice.
.DEFAULT_GOAL := help
.PHONY: help demo real up down status test check docs bench mutants chaos
IN := bin/bootstrap

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## start everything here, play a small company, and show its figures
	@$(IN) attain demo

real: ## import a public CRM export (DATA=<folder>) and compare every figure with the file
	@$(IN) attain real "$(DATA)"

up: ## start PostgreSQL, Kafka and the services
	@$(IN) attain up

down: ## stop what was started, and nothing else
	@$(IN) attain down

status: ## show processes, backlog, lag, parked records, memory
	@$(IN) attain status

test: ## run the whole suite
	@$(IN) pytest -n 2 --dist loadfile

check: ## lint, format, types, import contracts, generated files
	@$(IN) ruff check .
	@$(IN) ruff format --check .
	@$(IN) mypy
	@$(IN) lint-imports
	@$(IN) attain docs --check

bench: ## measure speed beside its limits, in one table (MEASURES="relay idle" for some, SCALE=10m for long)
	@$(IN) bench $(MEASURES) --scale $(or $(SCALE),1m)

mutants: ## plant twenty bugs in copies of the tree and see which test notices (MUTANTS="3 17" for some)
	@$(IN) mutants $(MUTANTS)

chaos: ## break everything on purpose for MINUTES=15 and look for losses (SEED=n does a run again)
	@$(IN) chaos $(if $(SEED),--seed $(SEED)) --minutes $(or $(MINUTES),15)

docs: ## write the generated files anew
	@$(IN) attain docs
