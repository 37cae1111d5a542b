"""Settings: from a file, the environment and the command line, frozen once read.

`read_settings` reads them, `Settings()` is every default; they are passed as an argument.
"""

from leadwise.settings.model import (
    AccountSettings,
    GateSettings,
    LimitSettings,
    LogSettings,
    QualifySettings,
    RetentionSettings,
    ScoringSettings,
    Settings,
)
from leadwise.settings.reading import read_settings
from leadwise.settings.schedules import ScheduleSettings

__all__ = [
    "AccountSettings",
    "GateSettings",
    "LimitSettings",
    "LogSettings",
    "QualifySettings",
    "RetentionSettings",
    "ScheduleSettings",
    "ScoringSettings",
    "Settings",
    "read_settings",
]
