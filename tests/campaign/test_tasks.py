from unittest.mock import Mock

from django.contrib.auth.models import Group
from django.db import OperationalError, transaction
from django.test import TestCase, TransactionTestCase

from campaign.tasks import after_commit


class AfterCommitTests(TestCase):
    def test_waits_for_the_commit(self):
        task = Mock()
        with self.captureOnCommitCallbacks(execute=True):
            after_commit(task, 7)
            task.enqueue.assert_not_called()
        task.enqueue.assert_called_once_with(7)


class RollbackTests(TransactionTestCase):
    def test_does_nothing_for_what_was_undone(self):
        task = Mock()
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            after_commit(task, 7)
            raise ZeroDivisionError
        task.enqueue.assert_not_called()

    def test_a_fault_leaves_what_was_committed(self):
        task = Mock()
        task.enqueue.side_effect = OperationalError("full")
        with self.assertLogs("django.db.backends.base", "ERROR"), transaction.atomic():
            Group.objects.create(name="Kept")
            after_commit(task, 7)
        self.assertTrue(Group.objects.filter(name="Kept").exists())
