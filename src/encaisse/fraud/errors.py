from encaisse.kernel.errors import DomainError


class CaseDecided(DomainError):
    """The case was decided meanwhile: it is {state}."""

    code = "case_decided"
    status = 409
    french = "Quelqu’un a déjà tranché, ou l’accord de la banque a expiré. Rien n’a changé."


class CaseNeedsAnother(DomainError):
    """Above the firm's ceiling, two different people let a payment through."""

    code = "case_needs_another"
    status = 403
    french = (
        "Vous avez déjà donné votre accord. Ce montant dépasse le plafond de votre entreprise : "
        "une autre personne doit donner le sien."
    )


class AlreadyListed(DomainError):
    """This value is on this list already."""

    code = "already_listed"
    status = 409
    french = "Cette valeur figure déjà sur cette liste."


class DecisionUnknown(DomainError):
    """There is no such decision."""

    code = "decision_unknown"
    status = 404
    french = "Cette décision n’existe pas ici."


class DecisionUnrepeatable(DomainError):
    """The decision was made with a version that this program no longer has."""

    code = "decision_unrepeatable"
    status = 409
    french = (
        "Cette décision a été prise avec une version du moteur que ce programme n’a plus : ses "
        "faits et ses raisons restent lisibles, elle ne peut pas être rejouée."
    )


class RuleMoved(DomainError):
    """The rule is {state} already."""

    code = "rule_moved"
    status = 409
    french = "Cette règle a déjà changé d’état. Rien n’a été fait."


class AssessmentNotAccepted(DomainError):
    """The impact assessment must be accepted before anything is shared."""

    code = "assessment_not_accepted"
    status = 422
    french = "Lisez et acceptez d’abord l’analyse d’impact : rien n’est partagé sans elle."


class SharingWithoutKey(DomainError):
    """The host has no key to share with."""

    code = "sharing_without_key"
    status = 409
    french = "Votre hébergeur doit d’abord créer la clé de partage (encaisse keys init)."


class NothingToContest(DomainError):
    """The decision owes nothing to what other firms report."""

    code = "nothing_to_contest"
    status = 409
    french = "Ce paiement ne doit rien à la liste partagée : il n’y a rien à contester."


class AlreadyContested(DomainError):
    """This report is contested already."""

    code = "already_contested"
    status = 409
    french = "C’est déjà contesté : les entreprises concernées doivent regarder à nouveau."


class TooManyContested(DomainError):
    """The firm contested too many reports within a month."""

    code = "too_many_contested"
    status = 429
    french = (
        "Votre entreprise a déjà contesté vingt signalements en un mois. Parlez-en à votre "
        "hébergeur."
    )


class NotContested(DomainError):
    """Nobody contests this report."""

    code = "not_contested"
    status = 409
    french = "Personne ne conteste ce signalement : il n’y a rien à confirmer."
