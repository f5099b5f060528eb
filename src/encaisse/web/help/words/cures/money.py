"""What to do about errors around payments."""

from encaisse.web.help.words.shapes import Cure, Family

MONEY = Family("Payer, être payé, rembourser", {
    "amount_invalid": Cure("Écrivez le montant en euros, avec deux décimales au plus : 1 234,56."),
    "amount_not_positive": Cure("Écrivez un montant au-dessus de zéro.",
        "Le montant est nul ou négatif."),
    "amount_negative": Cure("Écrivez zéro ou plus ; à zéro, chaque remboursement se signe.",
        "Le montant est négatif."),
    "bank_transaction_matched": Cure("Rechargez la page : quelqu’un, ou Encaisse, l’a expliquée "
        "avant vous. Il n’y a rien à refaire."),
    "cards_suspended": Cure("Regardez « À vérifier » : si ces essais étaient ceux de votre client, "
        "rouvrez le lien aux cartes. En attendant, il peut payer par virement."),
    "checkout_elsewhere": Cure("Ne redonnez pas ce lien. Vérifiez la connexion dans Réglages, "
        "Prestataire, et appelez le prestataire avant de reprendre."),
    "currency_mismatch": Cure("Refaites l’opération avec une seule monnaie."),
    "deposit_taken_off": Cure("Annulez d’abord la facture finale par un avoir ; l’acompte pourra "
        "ensuite être annulé ou remboursé."),
    "dispute_answered": Cure("Attendez la décision de la banque : elle est affichée sur la page de "
        "la contestation dès qu’elle tombe."),
    "dispute_answered_too_late": Cure("Laissez la banque trancher. Si elle vous donne tort, "
        "redemandez la somme à votre client par le même lien."),
    "dispute_closed": Cure("Rechargez la page de la contestation : elle dit qui a gagné et où est "
        "l’argent."),
    "evidence_changed": Cure("Relisez le dossier tel qu’il est maintenant, puis confirmez de "
        "nouveau."),
    "no_collecting_account": Cure("Trésorerie, Comptes : ajoutez votre compte avec l’IBAN de votre "
        "RIB."),
    "no_provider_connection": Cure("Réglages, Prestataire de paiement : connectez votre compte, "
        "puis recommencez."),
    "other_account_connected": Cure("Ouvrez la page du prestataire, donnez la clé du nouveau "
        "compte et signez le changement."),
    "payment_illegal_transition": Cure("Rechargez la page : ce paiement a changé d’état pendant "
        "que vous la regardiez. Rien n’a été fait."),
    "payment_in_progress": Cure("Attendez quelques minutes : le premier paiement est en train de "
        "se conclure. Ne payez pas une seconde fois."),
    "payment_method_unavailable": Cure("Choisissez un autre moyen sur la page de paiement ; le "
        "virement ordinaire reste possible."),
    "payment_not_accepted": Cure("Appelez votre client : s’il est bien lui, il paie par virement, "
        "ou vous le mettez en confiance dans Fraude, Listes."),
    "payment_not_captured": Cure("Attendez qu’il soit encaissé, ou fermez la demande : aucun "
        "argent "
        "n’est à rendre."),
    "period_invalid": Cure("Choisissez un premier jour avant le dernier, ou une période toute "
        "prête."),
    "photo_too_large": Cure("Reprenez-la moins lourde, ou envoyez une capture d’écran de la photo.",
        "Une photo pèse plus de 10 Mo ou ses dimensions sont trop grandes."),
    "photo_unreadable": Cure("Enregistrez-la en JPEG ou en PNG, puis joignez-la de nouveau.",
        "Ce fichier n’est pas une photo lisible."),
    "provider_error": Cure("Réessayez dans quelques minutes. Si cela dure, regardez la page "
        "d’état du prestataire."),
    "provider_key_invalid": Cure("Copiez la clé de nouveau dans l’espace de votre prestataire, en "
        "entier et sans espace."),
    "provider_mismatch": Cure("Ne livrez rien sur ce paiement. Comparez avec l’espace du "
        "prestataire et appelez-le."),
    "provider_outcome_unknown": Cure("Ne recommencez pas : Encaisse demande la vérité au "
        "prestataire et met la page à jour."),
    "provider_rejected": Cure("Lisez la raison entre parenthèses ; corrigez ce qu’elle désigne, ou "
        "montrez-la à votre prestataire."),
    "provider_unavailable": Cure("Réessayez dans quelques minutes : rien n’est parti."),
    "refund_by_bank_only": Cure("Faites un virement depuis votre banque, vers l’IBAN d’où l’argent "
        "est venu."),
    "refund_exceeds_payment": Cure("Écrivez un montant plus petit : la page du paiement dit ce qui "
        "reste remboursable."),
    "request_already_paid": Cure("Ne payez pas de nouveau. La page de la demande montre le "
        "paiement reçu."),
    "request_not_payable": Cure("Demandez un nouveau lien, ou créez une nouvelle demande."),
    "request_not_yet_payable": Cure("Attendez ce jour : avant lui, la loi protège le client d’un "
        "contrat signé à distance ou à domicile."),
    "too_many_photos": Cure("Gardez les plus parlantes : avant, après, et celle qui porte une "
        "date."),
    "trial_unavailable": Cure("Attendez un instant et recommencez ; au besoin, relancez la "
        "démonstration."),
    "unreadable": Cure("Ouvrez le dossier en PDF, puis revenez confirmer.",
        "Le dossier n’a pas été relu avant l’envoi."),
})  # fmt: skip
