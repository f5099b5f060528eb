from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "encaisse.organizations"

    def ready(self) -> None:
        from encaisse.identity import events  # noqa: PLC0415  once apps are loaded
        from encaisse.identity.passwords import know_words_of  # noqa: PLC0415
        from encaisse.kit.events import handle  # noqa: PLC0415
        from encaisse.organizations import exports, freezing, queries, signed, witness  # noqa: PLC0415
        from encaisse.organizations.core import OperationKind  # noqa: PLC0415
        from encaisse.organizations.operations import carries_out  # noqa: PLC0415

        know_words_of(queries.names_of_firms)
        carries_out(OperationKind.EXPORT_ALL, exports.allow_export)
        carries_out(OperationKind.GIVE_ROLE, signed.give_role)
        carries_out(OperationKind.INVITE_SIGNER, signed.invite_signer)
        carries_out(OperationKind.SAFEGUARDS, signed.change_rules)
        handle(events.FactorChanged, witness.note_factors)
        handle(events.EmergencyCodeIssued, witness.note_emergency_issued)
        handle(events.GuardianChanged, witness.note_guardians)
        handle(events.RecoveryMoved, witness.note_recoveries)
        handle(events.EmergencyCodeUsed, witness.note_emergency_used)
        handle(events.SignedIn, witness.note_sign_ins)
        handle(events.AccessRefused, witness.note_refusals)
        handle(events.ApprovalRefused, witness.note_denials)
        handle(events.AccountFrozen, freezing.close_keys)
        handle(events.AccountReopened, witness.note_reopenings)
