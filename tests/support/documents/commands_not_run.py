"""The command lines of the documents that cannot run in a test, with the reasons."""

from collections.abc import Mapping

NOT_RUN: Mapping[str, tuple[str, ...]] = {
    "Docker is not here. tests/system/docker checks the files with the real docker-compose, and runs make-secrets.": (
        "docker/make-secrets",
        "chmod u+w docker/secrets/api_keys",
        "docker compose -f docker/compose.yml config --resolve-image-digests > docker/pinned.yml",
        "docker compose -f docker/compose.yml -f docker/compose.nvidia.yml up --detach --build --wait",
        "docker/make-secrets local lab2",
        "mkdir -m 700 docker/secrets",
        "docker build --target api --file docker/Dockerfile --tag gait-api .",
    ),
    "It starts a stack that stays. tests/system/test_whole_session.py runs the Procfile, and tests/integration/local "
    "what make starts.": (
        "honcho start -c worker=4",
        "DATABASE_URL=postgresql://gait:secret@db.example/gait honcho start",
        "NOTIFY_URLS=ntfy://my-lab-topic NOTIFY_EVENTS=regression.opened,regression.over,sampler.silent gait scheduler",
        "RETENTION_DAYS=90 honcho start",
        "IDLE_BASELINE=20 honcho start -c worker=4",
        "REQUESTS_PER_SECOND=20 MAX_OPEN_SESSIONS=100 honcho start",
        "OLLAMA_HOST=0.0.0.0 ollama serve",
        "export OLLAMA_HOSTS=desk=http://192.168.1.10:11434,server=http://192.168.1.20:11434",
    ),
    "It takes a quarter of an hour. tests/bench/test_fault_injection.py runs its faults once.": (
        "make fault-injection   # about fifteen minutes",
    ),
    "It needs the reader's PostgreSQL. tests/integration/common/store/test_backup.py copies and restores a real one.": (
        'pg_dump --format=custom --file=gait.dump "$DATABASE_URL"',
    ),
    "It stops or replaces the data of the stack. tests/integration/common/store/test_backup.py restores a copy.": (
        "rm -f var/gait.db-wal var/gait.db-shm && cp copy.db var/gait.db",
    ),
    "It downloads packages. tests/integration/api/openapi/clients generates and uses these clients.": (
        "openapi-python-client generate --url http://localhost:8000/openapi.json",
    ),
    "It is in the clone. A test of its own in tests/system/test_documented_commands.py runs it, with what it finds.": (
        "examples/ci/benchmark.sh baseline 5 llama3.2:3b --types decode",
    ),
    "It names servers of the reader.": ("DATABASE_URL=postgresql://gait:PASSWORD@db.example/gait",),
    "It would find the API of other tests. test_request_log.py sends the signal to its own.": (
        (
            "kill -HUP \"$(pgrep --oldest --full 'gunicorn.*api.app')\"    "
            "# in Compose: docker compose kill --signal HUP api"
        ),
    ),
    "It replaces the database, asks for keys from then on, or changes a session of the reader. "
    "tests/integration/cli/test_admin.py runs these commands.": (
        'gait admin backup "/backups/gait-$(date +%F).copy"',
        "gait admin requeue 0198b7c2-5f6e-7d31-9a40-3c2d8e71b5f0",
        "gait admin keys new --name ci --owner anna    # prints the key, this once",
    ),
    "It installs Gait from a registry. tests/system/deploy/test_package.py builds, installs and runs the wheel.": (
        "export REDIS_URL=redis://sampler-lab:PASSWORD@10.0.0.5:6379/0 SAMPLER_HOST=lab",
    ),
    "It needs a cluster. tests/system/deploy/test_kubernetes.py checks the manifests.": (
        "docker/make-secrets desk",
        (
            "kubectl --namespace gait create secret generic gait-redis "
            '--from-literal password="$(cat docker/secrets/redis_password)"'
        ),
    ),
    "It changes the machine as root. tests/system/deploy/test_systemd.py checks the units and runs their commands.": (
        "sudo python3 -m venv /opt/gait",
        "sudo install -d -m 700 /etc/gait",
        "sudo systemctl daemon-reload",
    ),
}
"""The first lines of blocks that are not run, by reason."""
