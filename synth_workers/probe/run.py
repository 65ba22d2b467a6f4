"""One probe from the first connection to the report, in bounded time, whatever is out there."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from manifests.errors import EngineLost, FactoryError
from synth_workers.probe.asking import Asker
from synth_workers.probe.crowd import CrowdProbe
from synth_workers.probe.person import PersonProbe
from synth_workers.probe.reach import explain_silence
from synth_workers.probe.report import Finding, Mark, ProbeReport
from synth_workers.scenes.description import SceneDescription
from synth_workers.worker.dialects import ENGINES, PluginDialect, probe
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.session import Deadlines, Session

MOST_SECONDS = 28.0
"""After so long a probe reports what it has."""

DEADLINES = Deadlines(connect=5.0, status=5.0, setting=5.0, capture=10.0, level=15.0)

_PROBES = {"person": PersonProbe, "unrealperson": CrowdProbe}


def probe_engine(
    endpoint: Endpoint,
    contract: str = "person",
    scene: SceneDescription | None = None,
    *,
    deadlines: Deadlines = DEADLINES,
    most_seconds: float = MOST_SECONDS,
) -> ProbeReport:
    """What the engine at ``endpoint`` can do of ``contract``.

    ``scene``: its level as a manifest describes it, for classes, cameras and lights; without one
    the contract's defaults and the view of the pawn are taken. Never raises for what the other
    side does.
    """
    report = ProbeReport(str(endpoint), contract)
    probing = _Probing(endpoint, report, scene, deadlines)
    thread = threading.Thread(target=probing.run, daemon=True, name="probe")
    thread.start()
    thread.join(most_seconds)
    if thread.is_alive():
        probing.give_up(most_seconds)
    return report


@dataclass
class _Probing:
    """The part that may hang."""

    endpoint: Endpoint
    report: ProbeReport
    scene: SceneDescription | None
    deadlines: Deadlines
    session: Session | None = None

    def run(self) -> None:
        """Fill the report."""
        report = self.report
        try:
            with Session.connect(self.endpoint, self.deadlines) as session:
                self.session = session
                report.answered = True
                report.findings.append(Finding("connection", "greeting, echo and port", Mark.ok))
                self._ask(session)
        except EngineLost as error:
            report.findings.append(self._why_lost(error))
        except FactoryError as error:
            report.findings.append(Finding("connection", "conversation", Mark.missing, str(error)))

    def give_up(self, seconds: float) -> None:
        """Cut the conversation off; the report ends with that."""
        if self.session is not None:
            self.session.poison("the probe has taken long enough")
        self.report.findings.append(
            Finding(
                "speed",
                f"answers within {seconds:.0f} s in all",
                Mark.missing,
                "the probe was cut off here",
                "the engine is very slow: is it still loading, or drawing on the processor?",
            )
        )

    def _why_lost(self, error: EngineLost) -> Finding:
        if "no greeting" in str(error):
            return explain_silence(self.endpoint)
        self.report.answered = "replies" in str(error) or "no reply" in str(error)
        return Finding(
            "connection",
            "greeting, echo and port",
            Mark.missing,
            str(error).splitlines()[0],
            "it greets like an UnrealCV server and then answers otherwise: is it one, and of the "
            "port that its unrealcv.ini names?",
        )

    def _ask(self, session: Session) -> None:
        asker = Asker(session, self.report, "dialect")
        if not asker.guarded(lambda: self._dialect(asker, probe(session)), "dialect"):
            return
        _PROBES[self.report.contract].of(asker, self.scene).run()

    def _dialect(self, asker: Asker, dialect: PluginDialect) -> None:
        report = self.report
        report.dialect, report.version = dialect.name, dialect.version
        asker.note(
            "plugin",
            Mark.ok,
            f"dialect {dialect.name} ({ENGINES[dialect.name]}), calls itself "
            f"{dialect.version or 'nothing'}",
        )
        lacking = dialect.lacks(_PROBES[report.contract].needs)
        asker.judge(
            f"it can serve contract {report.contract}",
            not lacking,
            "lacks " + "; ".join(lacking) if lacking else "",
            "install the UnrealCV branch for your UE version, 4.22 or later",
        )
        if dialect.leaves_tcp:
            asker.note(
                "later connections",
                Mark.ok,
                f"this plugin leaves TCP after its first client; from now on it is at "
                f"{self.endpoint.unix_socket} on its own host",
            )
