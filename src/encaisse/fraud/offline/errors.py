"""Why a file, a period or a model cannot be used: one French sentence each."""


class Unusable(Exception):
    """Carries one plain French sentence for whoever typed the command."""


class UnusableFile(Unusable):
    pass


class UnusablePeriod(Unusable):
    pass


class UnusableModel(Unusable):
    pass


class TrainerMissing(Unusable):
    pass
