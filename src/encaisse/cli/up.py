"""`encaisse up` and `encaisse demo`: everything an instance needs, under one supervisor."""

import argparse
import fcntl
import json
import os
import secrets
import shutil
import signal
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from encaisse.cli.certificates import fingerprint, self_signed
from encaisse.cli.demo_template import keep_first_day, return_to_first_day
from encaisse.cli.errors import CommandFailed, ExitCode, UsageError
from encaisse.cli.files import write_private
from encaisse.cli.lan import (
    Lan,
    lan_asked,
    network_web,
    opened_to,
    print_for_telephones,
    sandbox_options,
)
from encaisse.cli.moving import MOVED, is_known, remember
from encaisse.cli.output import say
from encaisse.cli.ports import LOOPBACK, Ports, check_free, check_free_at, chosen_ports
from encaisse.cli.postgres import Cluster, DatabaseUrls, ensure_cluster
from encaisse.cli.runtime import (
    Run,
    data_directory,
    demo_environment,
    folder_environment,
    given_database,
    read_run,
    remove_run,
    write_run,
)
from encaisse.cli.seed import DEMO_FILE, WITHOUT_PAST
from encaisse.cli.storyteller import storyteller
from encaisse.cli.supervisor import Program, StoppedEarly, Supervisor, python_module
from encaisse.cli.web_server import Certificate, answers, web_command
from encaisse.kit.keyring import KeysUnreadable, complete_keyset_file, create_keyset_file

_LOCAL_HOSTS = {"localhost", LOOPBACK, "::1"}


@dataclass(frozen=True, slots=True)
class Instance:
    """One data folder, its ports, and whether the outside world is simulated."""

    data: Path
    ports: Ports
    is_demo: bool
    is_tls: bool = False
    is_new: bool = False  # a demonstration whose firm has no past
    is_fresh: bool = False  # a demonstration that comes back to its first day
    lan: Lan | None = None  # a demonstration that its network can open

    @property
    def base_url(self) -> str:
        if self.lan is not None:
            return self.lan.base_url
        default = f"{'https' if self.is_tls else 'http'}://localhost:{self.ports.web}"
        return os.environ.get("ENCAISSE_PUBLIC_URL", default).rstrip("/")

    def certificate(self) -> Certificate | None:
        """Return the certificate signed by itself, where one was asked for."""
        host = urlsplit(self.base_url).hostname or "localhost"
        return self_signed(self.data, host) if self.is_tls else None

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.ports.sandbox}"

    @property
    def webhooks_url(self) -> str:
        return f"http://localhost:{self.ports.web}"

    @property
    def payers_url(self) -> str:
        return self.sandbox_url if self.lan is None else self.lan.payers_url

    @property
    def used_ports(self) -> tuple[int, ...]:
        if self.is_demo:
            return (self.ports.web, self.ports.sandbox, self.ports.smtp)
        return (self.ports.web,)

    def environment(self, urls: DatabaseUrls) -> dict[str, str]:
        """Return the settings of the children. They never get the owner's address."""
        found = folder_environment(self.data) | {
            "ENCAISSE_PUBLIC_URL": self.base_url,
            "ENCAISSE_DATABASE_URL": urls.application,
            "ENCAISSE_OWNER_DATABASE_URL": "",
            "PORT": str(self.ports.web),
        }
        if self.is_demo:
            found |= demo_environment(self.data, self.sandbox_url, self.ports.smtp)
            found["ENCAISSE_WEBHOOKS_URL"] = self.webhooks_url
        return found

    def run(self) -> Run:
        return Run(
            base_url=self.base_url,
            sandbox_url=self.sandbox_url if self.is_demo else None,
            smtp_port=self.ports.smtp if self.is_demo else None,
            pid=os.getpid(),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            webhooks_url=self.webhooks_url if self.is_demo else None,
            authority=str(self.lan.vouched.authority) if self.lan else None,
        )


def run_up(arguments: argparse.Namespace) -> int:
    return _run(arguments, is_demo=False)


def run_demo(arguments: argparse.Namespace) -> int:
    host = urlsplit(os.environ.get("ENCAISSE_PUBLIC_URL", "http://localhost")).hostname
    if host not in _LOCAL_HOSTS:
        raise UsageError(
            "La démonstration ne s’ouvre pas au public : retirez ENCAISSE_PUBLIC_URL, ou lancez "
            "« encaisse up ». Pour le réseau local : LAN=1."
        )
    return _run(arguments, is_demo=True)


def _run(arguments: argparse.Namespace, *, is_demo: bool) -> int:
    data = data_directory(arguments.data_dir)
    is_tls = getattr(arguments, "tls", False)
    ports = chosen_ports(arguments.port)
    asked = lan_asked(arguments.lan) if is_demo else None
    instance = Instance(
        data,
        ports,
        is_demo,
        is_tls,
        is_new=getattr(arguments, "new", False),
        is_fresh=getattr(arguments, "fresh", False),
        lan=None if asked is None else opened_to(asked, data, ports),
    )
    if is_tls and urlsplit(instance.base_url).scheme != "https":
        raise UsageError("Avec --tls, ENCAISSE_PUBLIC_URL commence par https:// (ou manque).")
    (data / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    supervisor = Supervisor(data / "logs")
    supervisor.take_signals()
    with _only_supervisor(data), ExitStack() as at_the_end:
        for port in instance.used_ports:
            check_free(port)
        if instance.lan is not None:
            check_free_at(instance.lan.address, instance.used_ports[:2])
        try:
            _start_everything(instance, supervisor, at_the_end)
            supervisor.watch()
        except StoppedEarly:
            say("Arrêt demandé avant la fin du démarrage.")
        say("Arrêt en cours…")
    say("Tout est arrêté.")
    return ExitCode.OK


@contextmanager
def _only_supervisor(data: Path) -> Iterator[None]:
    with (data / "supervisor.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            run = read_run(data)
            address = f" : {run.base_url}" if run else ""
            raise CommandFailed(f"Encaisse tourne déjà dans {data}{address}.") from error
        yield


def _start_everything(instance: Instance, supervisor: Supervisor, at_the_end: ExitStack) -> None:
    urls, cluster = _start_database(instance, supervisor, at_the_end)
    # Registered after the database, so called before it stops.
    at_the_end.callback(supervisor.stop_children)
    environment = instance.environment(urls)
    _create_keys(environment)
    say("Mise à jour de la base…")
    _migrate(supervisor, urls, environment)
    if instance.is_demo:
        say("Démarrage du bac à sable…")
        _forget_unfinished_world(instance.data)
        supervisor.start(_sandbox(instance, environment))
        # Before the tasks: a firm that lives through its past is alone with its clock.
        _seed(supervisor, environment, instance, cluster)
        _follow_address(supervisor, environment, instance)
    say("Démarrage des tâches de fond…")
    supervisor.start(_worker(urls, environment))
    say("Ouverture du site…")
    supervisor.start(_web(instance, environment))
    if instance.lan is not None:
        supervisor.start(network_web(instance.lan, environment))
    if instance.is_demo:
        supervisor.start(storyteller(instance.ports.sandbox, environment))
    at_the_end.callback(remove_run, instance.data)
    write_run(instance.data, instance.run())
    _print_addresses(instance)


def _start_database(
    instance: Instance, supervisor: Supervisor, at_the_end: ExitStack
) -> tuple[DatabaseUrls, Cluster | None]:
    """Start the folder's own database, unless the environment names another."""
    given = given_database()
    if given is not None:
        if instance.is_fresh:
            raise UsageError(
                "--fresh revient au premier jour de la base du dossier, pas d’une autre."
            )
        return given, None
    say("Démarrage de la base PostgreSQL…")
    cluster = ensure_cluster(instance.data)
    at_the_end.callback(cluster.stop)
    supervisor.start_cluster(cluster)
    if instance.is_fresh:
        say("Retour au premier jour…")
        return_to_first_day(cluster, instance.data)
    return DatabaseUrls(cluster.application_url, cluster.owner_url), cluster


def _create_keys(environment: Mapping[str, str]) -> None:
    secret_key = Path(environment["ENCAISSE_SECRET_KEY_FILE"])
    if not secret_key.exists():
        write_private(secret_key, secrets.token_urlsafe(64))
    keyset = Path(environment["ENCAISSE_KEYSET_FILE"])
    if os.environ.get("ENCAISSE_KEYSET"):
        return
    if keyset.exists():
        _complete(keyset)
        return
    # Written aside, then renamed: half a keyset would be taken for a damaged one.
    partial_keyset = keyset.with_name(f"{keyset.name}.partial")
    partial_keyset.unlink(missing_ok=True)
    create_keyset_file(partial_keyset)
    partial_keyset.replace(keyset)
    say(f"Clés créées : {keyset}. Les perdre, c’est perdre ce qu’elles scellent :")
    say("copiez-les ailleurs dès maintenant (encaisse keys export FICHIER).")


def _complete(keyset: Path) -> None:
    try:
        complete_keyset_file(keyset)
    except KeysUnreadable as error:
        failure = CommandFailed(f"Les clés sont illisibles : {error}")
        failure.code = error.code
        raise failure from error


def _migrate(supervisor: Supervisor, urls: DatabaseUrls, environment: dict[str, str]) -> None:
    if urls.owner is None:
        _check_migrated(supervisor, environment)
        return
    command = python_module("django", "migrate", "--database", "owner", "--no-input")
    owner = {"ENCAISSE_OWNER_DATABASE_URL": urls.owner}
    supervisor.run_to_end("migrate", command, environment | owner)


def _check_migrated(supervisor: Supervisor, environment: dict[str, str]) -> None:
    """Without the owner's address nothing can be migrated: make sure nothing has to be."""
    try:
        supervisor.run_to_end("migrate", python_module("django", "migrate", "--check"), environment)
    except CommandFailed as error:
        raise CommandFailed(
            f"{error}\nLa base n’est pas à jour, ou ne répond pas. Lancez « encaisse migrate » "
            "avec ENCAISSE_OWNER_DATABASE_URL."
        ) from error


def _forget_unfinished_world(data: Path) -> None:
    """Begin the simulated world again where its firm was left half made: it may be in the past."""
    if not (data / DEMO_FILE).exists():
        shutil.rmtree(data / "sandbox", ignore_errors=True)


def _seed(
    supervisor: Supervisor,
    environment: dict[str, str],
    instance: Instance,
    cluster: Cluster | None,
) -> None:
    """Make the demonstration's firm, once, and keep a copy of its first day."""
    if (instance.data / DEMO_FILE).exists():
        return
    past = "" if instance.is_new else " : quatorze mois, une à deux minutes"
    say(f"Préparation de l’entreprise de démonstration{past}…")
    arguments = [WITHOUT_PAST] if instance.is_new else []
    supervisor.run_to_end("seed", python_module("encaisse.cli.seed", *arguments), environment)
    if cluster is not None:
        keep_first_day(cluster, instance.data)
    remember(instance.data, instance.payers_url)


def _follow_address(
    supervisor: Supervisor, environment: dict[str, str], instance: Instance
) -> None:
    """Have the firms send their payers where the simulated pages now are."""
    if instance.is_fresh or not is_known(instance.data, instance.payers_url):
        supervisor.run_to_end("moving", python_module(MOVED), environment)
        remember(instance.data, instance.payers_url)


def _sandbox(instance: Instance, environment: dict[str, str]) -> Program:
    command = python_module(
        "encaisse_sandbox",
        f"--data-dir={instance.data / 'sandbox'}",
        f"--host={LOOPBACK}",
        f"--port={instance.ports.sandbox}",
        f"--public-url={instance.payers_url}",
        f"--smtp-port={instance.ports.smtp}",
        *(sandbox_options(instance.lan, instance.sandbox_url) if instance.lan else ()),
    )
    outside_world = environment | {"ENCAISSE_DATABASE_URL": ""}
    is_ready = partial(answers, f"http://{LOOPBACK}:{instance.ports.sandbox}/healthz")
    return Program("sandbox", command, outside_world, is_ready)


def _worker(urls: DatabaseUrls, environment: dict[str, str]) -> Program:
    is_ready = partial(_has_worker_since, urls.application, datetime.now(UTC))
    # Asked politely, it would wait half a minute for the database that ends at the same moment.
    # A job cut short is run again.
    return Program(
        "worker",
        python_module("encaisse.cli.worker"),
        environment,
        is_ready,
        death_signal=signal.SIGKILL,
    )


def _web(instance: Instance, environment: dict[str, str]) -> Program:
    certificate = instance.certificate()
    command = web_command(port=instance.ports.web, tls=certificate)
    check_free(instance.ports.web)
    pooled = environment | {"ENCAISSE_DATABASE_POOL": "1"}
    scheme = "http" if certificate is None else "https"
    authority = None if certificate is None else certificate.certificate
    is_ready = partial(answers, f"{scheme}://{LOOPBACK}:{instance.ports.web}/healthz", authority)
    return Program("web", command, pooled, is_ready)


def _has_worker_since(url: str, moment: datetime) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat >= %s", [moment]
            ).fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None


def _print_addresses(instance: Instance) -> None:
    say("")
    say(f"  Encaisse       {instance.base_url}")
    if instance.is_demo:
        say(f"  Bac à sable    {instance.sandbox_url}, avec des histoires à jouer")
        say(f"  Boîte mail     {instance.sandbox_url}/mailbox")
        say(f"  Téléphone      {instance.sandbox_url}/phone")
    say(f"  Données        {instance.data}")
    if certificate := instance.certificate():
        say("  Certificat     signé par lui-même ; à comparer (SHA-256) avant de l’accepter :")
        for part in textwrap.wrap(fingerprint(certificate), 48):
            say(f"                 {part}")
    if instance.is_demo:
        _print_credentials(instance.data / DEMO_FILE)
    if instance.lan is not None:
        print_for_telephones(instance.lan)
    say("")
    say("Prêt. Ctrl-C pour tout arrêter.")


def _print_credentials(path: Path) -> None:
    """Tell how to sign in and which cards to type: all of it invented."""
    demo = json.loads(path.read_text(encoding="utf-8"))
    say("")
    say(f"  Adresse        {demo['email']}")
    say(f"  Mot de passe   {demo['password']}")
    say(f"  Code           clé TOTP {demo['totp_secret']}")
    say(f"  ou un code de secours : {', '.join(demo['recovery_codes'][:3])}…")
    say("")
    say("  Carte acceptée après un code    4000 0000 0000 3220")
    say("  Carte acceptée sans code        4242 4242 4242 4242")
    say("  Carte refusée (provision)       4000 0000 0000 9995")
    say("  Réponse du prestataire perdue   4000 0000 0000 0341")
    say("  Les autres cartes sont sur la première page du bac à sable.")
