"""What payers read in the simulated world, in English: each French sentence is its own key."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "Avertissement": "Warning",
    "Monde simulé, argent inventé. N’y saisissez jamais une vraie carte.": (
        "Simulated world, made-up money. Never type a real card here."
    ),
    "Payer {firm} : {amount}": "Pay {firm}: {amount}",
    "vous demande de payer par carte": "asks you to pay by card",
    "Montant": "Amount",
    "Carte à corriger.": "Card to correct.",
    "Rien n’a été débité.": "Nothing was debited.",
    "Paiement refusé.": "Payment refused.",
    "Rien n’a été débité. Vous pouvez essayer une autre carte.": (
        "Nothing was debited. You can try another card."
    ),
    "Cette page chiffre votre carte dans le navigateur, avant l’envoi : elle a besoin de "
    "JavaScript. Activez-le, ou revenez choisir un autre moyen de paiement.": (
        "This page encrypts your card in the browser before sending it: it needs JavaScript. "
        "Turn it on, or go back and choose another way to pay."
    ),
    "Numéro de carte": "Card number",
    "Expiration": "Expiry",
    "(MM/AA)": "(MM/YY)",
    "Cryptogramme": "Security code",
    "Nom du titulaire": "Name on the card",
    "Payer {amount}": "Pay {amount}",
    "Annuler et revenir": "Cancel and go back",
    "Vous êtes chez {provider}. Votre carte est chiffrée avant de quitter ce navigateur. "
    "{firm} ne voit jamais son numéro.": (
        "You are at {provider}. Your card is encrypted before it leaves this browser. {firm} "
        "never sees its number."
    ),
    "Notre attestation PCI DSS": "Our PCI DSS attestation",
    "Le numéro de carte comporte une erreur.": "The card number holds a mistake.",
    "Écrivez l’expiration comme 09/28.": "Write the expiry like 09/28.",
    "Le cryptogramme compte 3 chiffres (4 chez Amex).": (
        "The security code has 3 digits (4 at Amex)."
    ),
    "Indiquez le nom du titulaire.": "Write the name on the card.",
    "Demande à votre banque…": "Asking your bank…",
    "Ce navigateur ne peut pas chiffrer votre carte à cette adresse.": (
        "This browser cannot encrypt your card at this address."
    ),
    "Confirmer {amount} : Banque du Client (SANDBOX)": (
        "Confirm {amount}: Banque du Client (SANDBOX)"
    ),
    "authentification 3-D Secure": "3-D Secure authentication",
    "Vous allez payer à {firm}": "You are about to pay {firm}",
    "Avec votre carte {brand} qui finit par {last4}.": "With your {brand} card ending in {last4}.",
    "Payer": "Pay",
    "Refuser": "Refuse",
    "Paiement terminé : {firm}": "Payment over: {firm}",
    "Ce paiement est fait.": "This payment is done.",
    "Votre virement est en route.": "Your transfer is on its way.",
    "Cette demande est annulée.": "This request is cancelled.",
    "Ce paiement n’a pas abouti.": "This payment did not go through.",
    "Cette page de paiement a expiré.": "This payment page has expired.",
    "Vous n’avez plus rien à faire ici.": "There is nothing more to do here.",
    "Revenir chez {firm}": "Back to {firm}",
    "Choisir sa banque : {amount} à {payee}": "Choose your bank: {amount} to {payee}",
    "Virement instantané à {payee}": "Instant transfer to {payee}",
    "Quelle est votre banque ?": "Which is your bank?",
    "Se connecter : {bank} (SANDBOX)": "Sign in: {bank} (SANDBOX)",
    "Connectez-vous pour lire l’ordre de virement.": "Sign in to read the transfer order.",
    "Identifiant client": "Customer number",
    "Identifiant inventé, accepté tel quel.": "Made-up number, accepted as it is.",
    "Continuer": "Continue",
    "Choisir une autre banque": "Choose another bank",
    "Virement de {amount} : {bank} (SANDBOX)": "Transfer of {amount}: {bank} (SANDBOX)",
    "Virement instantané": "Instant transfer",
    "Motif": "Reference",
    "Depuis quel compte ?": "From which account?",
    "Recevoir le code pour virer {amount}": "Get the code to transfer {amount}",
    "Refuser le virement": "Refuse the transfer",
    "À": "To",
    "Confirmer {amount} : {bank} (SANDBOX)": "Confirm {amount}: {bank} (SANDBOX)",
    "Vous virez à {payee}": "You transfer to {payee}",
    "Vers": "To",
    "Depuis": "From",
    "Virer": "Transfer",
    "Compte courant": "Current account",
    "Compte joint": "Joint account",
    "Virement exécuté en quelques secondes": "Transfer made within seconds",
    "Le virement n’arrive qu’au bout d’une heure": "The transfer only arrives after an hour",
    "Provision insuffisante": "Insufficient funds",
    "Trop tard.": "Too late.",
    "La demande envoyée au téléphone a expiré.": "The request sent to the telephone has expired.",
    "La demande faite à cet appareil a expiré.": "The request made to this device has expired.",
    "Ce code a expiré.": "This code has expired.",
    "Rien n’a été débité. Demandez-en une autre, ou choisissez un autre moyen.": (
        "Nothing was debited. Ask for another, or choose another way."
    ),
    "Recevoir un nouveau code": "Get a new code",
    "Demander à nouveau": "Ask again",
    "Pas encore reçu.": "Not received yet.",
    "En attente de votre accord.": "Waiting for your agreement.",
    "Votre téléphone affiche le montant et le bénéficiaire. Validez-y, puis revenez ici.": (
        "Your telephone shows the amount and the beneficiary. Approve there, then come back here."
    ),
    "J’ai validé": "I have approved",
    "Pas à cette adresse.": "Not at this address.",
    "Un navigateur ne lit l’empreinte ou le visage que sur une page sûre, désignée par un nom.": (
        "A browser reads a fingerprint or a face only on a secure page that has a name."
    ),
    "Appareil enregistré.": "Device registered.",
    "Votre banque le reconnaîtra. Il reste à confirmer ce paiement.": (
        "Your bank will recognise it. This payment is still to be confirmed."
    ),
    "Appareil non enregistré.": "Device not registered.",
    "Sa réponse ne convient pas. Recommencez, ou choisissez un autre moyen.": (
        "Its answer is not right. Start over, or choose another way."
    ),
    "Lire l’empreinte ou le visage demande JavaScript. Activez-le, ou choisissez un autre "
    "moyen ci-dessous.": (
        "Reading a fingerprint or a face needs JavaScript. Turn it on, or choose another way below."
    ),
    "{verb} {amount} par empreinte ou visage": "{verb} {amount} by fingerprint or face",
    "Votre banque ne connaît encore aucun appareil. Enregistrez celui-ci, puis confirmez. "
    "(Une vraie banque demanderait d’abord un code.)": (
        "Your bank knows no device yet. Register this one, then confirm. (A real bank would "
        "ask for a code first.)"
    ),
    "Confirmer autrement": "Confirm another way",
    "Pas reconnu.": "Not recognised.",
    "Code incorrect.": "Wrong code.",
    "Il vous reste {tries} essais.": "You have {tries} tries left.",
    "Il vous reste {tries} essai.": "You have {tries} try left.",
    "Ouvrir cette même page sur localhost": "Open this same page on localhost",
    ", ou choisissez un autre moyen ci-dessous.": ", or choose another way below.",
    "Choisissez un autre moyen ci-dessous.": "Choose another way below.",
    "Enregistrer un autre appareil": "Register another device",
    "Enregistrer cet appareil": "Register this device",
    "Code reçu par SMS": "Code received by SMS",
    "Code de l’application de la banque": "Code of the bank’s application",
    "Le code est sur le": "The code is on the",
    "Le code change toutes les {seconds} secondes. Il est sur le": (
        "The code changes every {seconds} seconds. It is on the"
    ),
    "La demande est sur le": "The request is on the",
    "téléphone simulé": "simulated telephone",
    "(nouvel onglet).": "(new tab).",
    "Cet appareil est déjà enregistré. Confirmez avec lui.": (
        "This device is registered already. Confirm with it."
    ),
    "Cet appareil ne vous a pas reconnu. Rien n’a été débité. Réessayez, enregistrez-le, "
    "ou choisissez un autre moyen.": (
        "This device did not recognise you. Nothing was debited. Try again, register it, or "
        "choose another way."
    ),
    "Ce navigateur ne sait pas lire l’empreinte ou le visage ici. Choisissez un autre moyen.": (
        "This browser cannot read a fingerprint or a face here. Choose another way."
    ),
    "Un code par SMS": "A code by SMS",
    "Le code de l’application de la banque": "The code of the bank’s application",
    "Un accord sur le téléphone": "An agreement on the telephone",
    "L’empreinte ou le visage, sur cet appareil": "A fingerprint or a face, on this device",
    "Les données de la carte n’ont pas pu être lues. Saisissez-les de nouveau.": (
        "The card could not be read. Please type it again."
    ),
    "La date d’expiration n’existe pas.": "This expiry date does not exist.",
    "La date d’expiration est passée.": "The expiry date has passed.",
    "La banque a refusé le paiement sans donner de raison.": (
        "The bank refused the payment without giving a reason."
    ),
    "La provision de la carte est insuffisante.": "The card has insufficient funds.",
    "La provision du compte est insuffisante.": "The account has insufficient funds.",
    "La carte est expirée.": "The card has expired.",
    "Le cryptogramme est incorrect.": "The security code is wrong.",
    "La banque a refusé la carte.": "The bank refused the card.",
    "La banque n’a pas pu traiter la demande.": "The bank could not process the request.",
    "La banque a refusé d’honorer le paiement.": "The bank refused to honour the payment.",
    "La banque n’a pas pu vous authentifier.": "The bank could not authenticate you.",
    "Vous avez refusé l’opération auprès de votre banque.": (
        "You refused the operation at your bank."
    ),
    "Vous avez refusé le virement auprès de votre banque.": (
        "You refused the transfer at your bank."
    ),
    "La banque veut que vous prouviez votre identité : recommencez.": (
        "The bank wants you to prove who you are: please try again."
    ),
}
