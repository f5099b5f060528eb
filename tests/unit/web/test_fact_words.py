from encaisse.web.firm.fact_words import facts_in_words


class TestFactsInWords:
    def test_names_and_values_are_french(self):
        told = facts_in_words({
            "amount_minor": 125_000, "country": "BR", "level": "reinforced", "new_device": True,
            "scopes": ["payments:refund", "audit:read"], "role": "owner",
        })  # fmt: skip

        assert told == [
            ("montant", "1\u202f250,00\xa0€"), ("pays", "Brésil"),
            ("preuves demandées", "renforcées"), ("nouvel appareil", "oui"),
            ("droits", "rembourser, lire le journal"), ("rôle", "Propriétaire"),
        ]  # fmt: skip

    def test_rules_are_told_one_by_one(self):
        rules = {"preset": "strict", "refund_ceiling": 20_000, "four_eyes": ["bank:write"]}

        assert facts_in_words({"before": rules}) == [
            (
                "avant",
                (
                    "vigilance strict, remboursements signés au-delà de 200,00\xa0€, "
                    "deux personnes pour changer les comptes bancaires"
                ),
            )
        ]

    def test_what_is_empty_is_not_said_and_what_has_no_word_stays(self):
        assert facts_in_words({"failure": "", "scopes": [], "unheard": 3}) == [("unheard", "3")]
