class LengthValidator:
    pass
