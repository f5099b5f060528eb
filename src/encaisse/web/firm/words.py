"""The journal in words: who, and what they did."""

from collections.abc import Mapping

_ACTIONS = {
    "organization:created": "a créé l’entreprise",
    "organization:profile:updated": "a modifié l’entreprise",
    "proofs:published": "a publié la page des preuves",
    "proofs:withdrawn": "a retiré la page des preuves",
    "member:role:set": "a donné un rôle",
    "member:removed": "a retiré quelqu’un de l’équipe",
    "member:invited": "a invité quelqu’un",
    "invitation:revoked": "a annulé une invitation",
    "invitation:accepted": "a accepté une invitation",
    "api_key:created": "a créé une clé d’API",
    "api_key:revoked": "a révoqué une clé d’API",
    "api_key:rotated": "a remplacé une clé d’API",
    "api_key:refused": "clé d’API refusée : adresse hors de sa liste",
    "webhook_endpoint:added": "a ajouté une adresse prévenue des alertes",
    "webhook_endpoint:closed": "a fermé une adresse prévenue des alertes",
    "webhook_endpoint:stopped": "a fermé une adresse qui ne prenait plus rien depuis des jours",
    "webhook_endpoint:reopened": "a ouvert de nouveau une adresse prévenue des alertes",
    "provider:connected": "a connecté le prestataire",
    "webhook:refused": "message refusé",
    "bank_account:added": "a ajouté un compte bancaire",
    "bank_account:collecting:chosen": "a choisi le compte qui reçoit les paiements",
    "bank_statement:imported": "a importé un relevé",
    "bank_transaction:matched": "a expliqué une ligne de banque",
    "customer:created": "a ajouté un client",
    "customer:updated": "a modifié un client",
    "quote:drafted": "a écrit un devis",
    "quote:updated": "a modifié un devis",
    "quote:sent": "a envoyé un devis",
    "quote:accepted": "a accepté un devis",
    "quote:refused": "a refusé un devis",
    "quote:withdrawn": "s’est rétracté d’un devis",
    "invoice:final:issued": "a émis une facture",
    "invoice:deposit:issued": "a émis une facture d’acompte",
    "invoice:credit_note:issued": "a émis un avoir",
    "payment_request:created": "a demandé un paiement",
    "payment_request:closed": "a fermé une demande de paiement",
    "payment:refund:requested": "a demandé un remboursement",
    "payment:refund:found": "a remboursé sans passer par Encaisse",
    "payment:captured": "a encaissé un paiement",
    "payment:mismatch:refused": "annonce différente de la demande, refusée",
    "dispute:opened": "paiement contesté par la banque du client",
    "dispute:under_review": "dossier reçu par la banque du client",
    "dispute:won": "contestation gagnée",
    "dispute:lost": "contestation perdue",
    "dispute:answer:staged": "a complété le dossier d’une contestation",
    "dispute:answer:photo_removed": "a retiré une photo du dossier d’une contestation",
    "dispute:answer:contest": "a envoyé un dossier à la banque du client",
    "dispute:answer:give_up": "a renoncé à contester",
    "dispute:answer:sent": "réponse à une contestation reçue par le prestataire",
    "dispute:answer:unknown": "réponse à une contestation sans confirmation, à vérifier",
    "dispute:answer:refused": "réponse à une contestation refusée par le prestataire",
    "payment:allocated": "a affecté un paiement",
    "access:granted": "s’est connecté",
    "access:refused": "connexion refusée, compte fermé aux nouveaux appareils",
    "approval:refused": "a refusé sur son téléphone",
    "access:reopened": "a rouvert un compte",
    "account:frozen": "a gelé un compte : sessions, appareils et clés fermés",
    "operation:asked": "a demandé une opération à signer",
    "operation:signed": "a signé une opération",
    "operation:done": "opération signée, exécutée",
    "operation:failed": "opération signée, impossible à faire",
    "operation:refused": "opération refusée",
    "operation:expired": "opération que personne n’a signée à temps",
    "operation:cancelled": "opération abandonnée",
    "safeguards:set": "a changé les règles de sécurité",
    "fraud_case:released": "a libéré un paiement ou un lien retenu",
    "fraud_case:refused": "a refusé un paiement ou un lien retenu",
    "fraud_case:expired": "paiement retenu dont l’accord de la banque a expiré",
    "fraud_case:agreed": "a donné le premier des deux accords à un paiement retenu",
    "fraud_case:identity_asked": "a demandé à un client de se faire connaître",
    "fraud_list:added": "a inscrit une valeur sur une liste",
    "fraud_list:ended": "a retiré une valeur d’une liste",
    "fraud_list:imported": "a importé un fichier de listes",
    "fraud_list:exported": "a exporté les listes",
    "fraud_rule:draft": "a écrit une règle contre la fraude",
    "fraud_rule:shadow": "a mis une règle en observation",
    "fraud_rule:published": "a publié une règle contre la fraude",
    "fraud_rule:retired": "a retiré une règle contre la fraude",
    "fraud_rule:snoozed": "a mis une règle en pause pour un client",
    "fraud_shared:joined": "a accepté l’analyse d’impact et partage la liste entre entreprises",
    "fraud_shared:left": "a quitté la liste partagée entre entreprises",
    "fraud_shared:contested": "a contesté, pour un client, un signalement d’autres entreprises",
    "fraud_shared:upheld": "a maintenu un signalement contesté",
    "fraud_shared:withdrawn": "a retiré un signalement de la liste partagée",
    "fraud_shared:ended_by_host": "a retiré un signalement, à la demande de la personne",
    "fraud_shared:exported": "a exporté les signalements de l’entreprise",
    "fraud_vigilance:chosen": "a choisi la vigilance aux paiements",
    "journal:exported": "a exporté le journal",
    "factor:added": "a ajouté un moyen de prouver son identité",
    "factor:removed": "a retiré un moyen de prouver son identité",
    "guardian:named": "a demandé à quelqu’un d’être son garant",
    "guardian:accepted": "a accepté d’être garant de quelqu’un",
    "guardian:ended": "a mis fin à une garantie",
    "recovery:requested": "récupération d’accès demandée",
    "recovery:approved": "a approuvé une récupération d’accès : un jour d’attente commence",
    "recovery:due": "récupération d’accès : le jour d’attente est passé",
    "recovery:done": "a récupéré son accès",
    "recovery:cancelled": "a arrêté une récupération d’accès",
    "recovery:refused": "a refusé une récupération d’accès",
    "recovery:expired": "récupération d’accès restée sans suite",
    "emergency_code:issued": "a créé un code d’urgence pour quelqu’un de l’équipe",
    "emergency_code:used": "est entré avec un code d’urgence",
    "factor:renewed": "a renouvelé ses codes de secours",
    "factor:copy_suspected": "clé d’accès refusée : elle a répondu comme une copie",
}
_ACTORS = {
    "system": "Encaisse",
    "payer": "Un client",
    "provider": "Le prestataire",
    "api_key": "Un programme",
}


def known_actions() -> list[tuple[str, str]]:
    """Return the actions that have words, in the order of the alphabet, with what they say."""
    return sorted(_ACTIONS.items(), key=lambda pair: pair[1])


def kinds_of_actors() -> list[tuple[str, str]]:
    """Return who acts without being a member."""
    return list(_ACTORS.items())


def words_of(action: str) -> str:
    """Return the sentence of an action; an action without one shows its own code."""
    return _ACTIONS.get(action, action)


def actor_words(actor: str, people: Mapping[str, str]) -> str:
    kind, _, identifier = actor.partition(":")
    if kind == "member":
        return people.get(identifier, "Un ancien membre")
    return _ACTORS.get(kind, actor)
