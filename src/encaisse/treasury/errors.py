from encaisse.kernel.errors import DomainError


class StatementUnreadable(DomainError):
    """The file is not a readable camt statement: {reason}."""

    code = "statement_unreadable"
    status = 422
    french = "Ce fichier n’est pas un relevé camt.053 lisible : {reason}. Rien n’a été importé."


class StatementForbiddenContent(StatementUnreadable):
    """The file declares XML entities, which no bank does."""

    code = "statement_entities_refused"
    french = (
        "Ce fichier contient des entités XML, ce qu’aucune banque n’envoie. Rien n’a été importé."
    )


class StatementOfOtherAccount(DomainError):
    """The statement is about an account the firm has not declared."""

    code = "statement_other_account"
    status = 422
    french = (
        "Ce relevé concerne un compte que vous n’avez pas déclaré. Ajoutez d’abord ce compte, ou "
        "vérifiez le fichier. Rien n’a été importé."
    )


class NoCollectingAccount(DomainError):
    """The firm has not given the bank account it is paid on."""

    code = "no_collecting_account"
    status = 409
    french = "Indiquez d’abord le compte bancaire sur lequel vous êtes payé."


class TransactionAlreadyMatched(DomainError):
    """The bank line is already matched."""

    code = "bank_transaction_matched"
    status = 409
    french = "Cette ligne est déjà rapprochée."
